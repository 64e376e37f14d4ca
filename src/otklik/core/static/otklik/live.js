// A fresh fragment must not disturb who reads: folds that were opened stay open (the server knows nothing of them).
(function () {
  "use strict";
  if (window.Idiomorph) {
    window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = function (name, node) {
      return !(name === "open" && node.tagName === "DETAILS");
    };
  }
})();
