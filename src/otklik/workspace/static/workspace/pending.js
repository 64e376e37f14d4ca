// Seconds that are left to take a reply back, counted down. The page asks by htmx what became of it.
(function () {
  "use strict";

  function count(place) {
    var end = Date.now() + Number(place.getAttribute("data-countdown")) * 1000;
    place.removeAttribute("data-countdown");
    function show() {
      var left = Math.ceil((end - Date.now()) / 1000);
      if (!place.isConnected) {
        return;
      }
      place.textContent =
        left > 0 ? place.getAttribute("data-words").replace("N", String(left)) : place.getAttribute("data-over");
      if (left > 0) {
        window.setTimeout(show, 500);
      }
    }
    show();
  }

  function look(root) {
    root.querySelectorAll("[data-countdown]").forEach(count);
  }

  look(document);
  document.addEventListener("htmx:afterSwap", function () {
    look(document);
  });
})();
