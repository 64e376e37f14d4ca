// Sets the focus: to the first invalid field after a refused form, and to the replacement of a pressed element that is
// gone. Polled content never moves it. In a scrolled row of tabs, [data-moved-row], the current one is scrolled into
// view.
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
  // Otherwise htmx would focus swapped [autofocus] elements even after the person has moved on to another field.
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
