// A fresh fragment must not disturb who reads or fills in: folds that were opened stay open, and a field that was changed
// or holds the cursor stays as it is (the server knows nothing of either).
(function () {
  "use strict";

  function chosenAtFirst(select) {
    var at = Array.prototype.findIndex.call(select.options, function (option) {
      return option.defaultSelected;
    });
    return Math.max(at, 0);
  }

  function touched(field) {
    if (field.tagName === "SELECT") {
      return field.selectedIndex !== chosenAtFirst(field);
    }
    if (field.type === "checkbox" || field.type === "radio") {
      return field.checked !== field.defaultChecked;
    }
    return field.type !== "hidden" && field.value !== field.defaultValue;
  }

  function isTyped(field) {
    return field.tagName !== "SELECT" && field.name && touched(field);
  }

  // What saves itself shows what is saved, but for the time in which it has not been yet: a line that is being typed
  // stays, and so does what the page showed when that began, by which the server knows whether somebody was first.
  function stays(node) {
    if (!node.matches) {
      return false;
    }
    if (node.matches("[data-keep], [data-pending]")) {
      return true;
    }
    if (!node.matches("input, textarea, select")) {
      return false;
    }
    var saving = node.closest("form[data-autosave]");
    if (saving) {
      return isTyped(node) || (node.name === "before" && Array.prototype.some.call(saving.elements, isTyped));
    }
    return node === document.activeElement || touched(node);
  }

  if (window.Idiomorph) {
    window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = function (name, node) {
      return !(name === "open" && node.tagName === "DETAILS");
    };
    window.Idiomorph.defaults.callbacks.beforeNodeMorphed = function (node) {
      return !stays(node);
    };
  }
})();
