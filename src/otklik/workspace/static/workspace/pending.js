// Counts down the seconds in which a reply can be undone. The page polls what became of it.
(function () {
  "use strict";

  var ends = new WeakMap();

  function draw(place) {
    var left = Math.ceil((ends.get(place) - Date.now()) / 1000);
    place.textContent =
      left > 0 ? place.getAttribute("data-words").replace("N", String(left)) : place.getAttribute("data-over");
    return left > 0;
  }

  function tick(place) {
    if (place.isConnected && draw(place)) {
      window.setTimeout(tick, 500, place);
    } else {
      ends.delete(place);
    }
  }

  // A swapped fragment may bring the same element with another deadline.
  function count(place) {
    var running = ends.has(place);
    ends.set(place, Date.now() + Number(place.getAttribute("data-countdown")) * 1000);
    place.removeAttribute("data-countdown");
    if (running) {
      draw(place);
    } else {
      tick(place);
    }
  }

  function look(root) {
    root.querySelectorAll("[data-countdown]").forEach(count);
  }

  look(document);
  document.addEventListener("htmx:afterSwap", function () {
    look(document);
  });
})();
