// [data-hotkey="KeyC"] is focused (fields) or pressed (links, buttons) by that key, told by its place on the
// keyboard: the same key in the Russian and in the English layout. Never while something is being typed.
(function () {
  "use strict";
  var TYPING = "input, textarea, select, [contenteditable], dialog";

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.target.closest(TYPING)) {
      return;
    }
    var code = (event.shiftKey ? "Shift+" : "") + event.code;
    var target = document.querySelector('[data-hotkey="' + code + '"]');
    if (!target || target.offsetParent === null) {
      return;
    }
    event.preventDefault();
    if (target.matches("input, textarea, select")) {
      target.focus();
    } else {
      target.click();
    }
  });
})();
