// Enter sends the filter, Shift with it begins a line.
(function () {
  "use strict";

  document.addEventListener("keydown", function (event) {
    var box = event.target;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && box.matches("[data-enter-sends]")) {
      event.preventDefault();
      box.form.requestSubmit();
    }
  });
})();
