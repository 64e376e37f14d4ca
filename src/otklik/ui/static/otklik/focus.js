// The keyboard stays where the work is: on the first wrong field after a refused form, and on what came instead of the
// thing that was pressed, if that is gone. What comes by itself (a poll) moves nothing. Of a row of tabs that is moved
// aside, [data-moved-row], the present one is seen.
(function () {
  "use strict";

  function goal(place) {
    return place.querySelector('[aria-invalid="true"]') || place.querySelector("h1, h2, h3") || place;
  }

  function go(target) {
    if (!target.matches("a[href], button, input, select, textarea, summary, [tabindex]")) {
      target.setAttribute("tabindex", "-1");
    }
    target.focus();
  }

  document.querySelectorAll("[data-moved-row]").forEach(function (row) {
    var here = row.querySelector("[aria-current]");
    if (here && row.scrollWidth > row.clientWidth) {
      row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
    }
  });

  var wrong = document.querySelector('main [aria-invalid="true"]');
  if (wrong && document.activeElement === document.body) {
    go(wrong);
  }
  // htmx moves the keyboard to what came with [autofocus], also away from a field that somebody went on to meanwhile.
  document.addEventListener("htmx:afterSwap", function () {
    if (document.activeElement && document.activeElement !== document.body) {
      document.querySelectorAll("[autofocus]").forEach(function (field) {
        field.removeAttribute("autofocus");
      });
    }
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    var asked = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
    var lost = document.activeElement === document.body || document.activeElement === null;
    if (asked && lost && event.detail.elt && event.detail.elt.isConnected) {
      go(goal(event.detail.elt));
    }
  });
})();
