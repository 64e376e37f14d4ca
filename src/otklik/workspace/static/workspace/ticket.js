// Comfort on the ticket page: the number is copied by one key, the chosen form gets the cursor.
(function () {
  "use strict";

  function copied(button) {
    var icon = button.firstElementChild;
    if (!icon) {
      return;
    }
    button.textContent = button.getAttribute("data-copied");
    window.setTimeout(function () {
      button.replaceChildren(icon);
    }, 1500);
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (button && navigator.clipboard) {
      navigator.clipboard.writeText(button.getAttribute("data-copy")).then(function () {
        copied(button);
      });
    }
    var mode = event.target.closest(".composer-mode");
    if (mode) {
      // The click on the label reaches the radio after this listener.
      window.setTimeout(function () {
        document.getElementById(mode.querySelector("input").getAttribute("data-writes")).focus();
      });
    }
  });
})();
