// Lists in [data-autosave] forms save what is chosen by themselves (htmx's trigger "save"). With the keyboard every step
// through a list is a change, so a moment's rest is waited for; leaving the list or the page saves at once. What did not
// reach the server is saved when there is a connection again: a list does not go on showing what is not so.
(function () {
  "use strict";
  var REST_MS = 600;
  var AGAIN_MS = 10000;
  var timers = new Map();

  function save(form) {
    window.clearTimeout(timers.get(form));
    timers.delete(form);
    if (window.htmx) {
      form.dispatchEvent(new Event("save"));
    } else {
      form.requestSubmit();
    }
  }

  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-autosave]");
    if (form) {
      event.target.setAttribute("data-pending", "");
      window.clearTimeout(timers.get(form));
      timers.set(form, window.setTimeout(save, REST_MS, form));
    }
  });
  // Enter in a line is both: what is sent now need not be saved once more.
  document.addEventListener("submit", function (event) {
    window.clearTimeout(timers.get(event.target));
    timers.delete(event.target);
  });
  document.addEventListener("focusout", function (event) {
    var form = event.target.closest("form[data-autosave]");
    if (form && timers.has(form)) {
      save(form);
    }
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    var form = event.detail.requestConfig.elt.closest("form[data-autosave]");
    if (form) {
      form.querySelectorAll("[data-pending]").forEach(function (field) {
        field.removeAttribute("data-pending");
      });
    }
  });
  ["htmx:sendError", "htmx:timeout"].forEach(function (failed) {
    document.addEventListener(failed, function (event) {
      var form = event.detail.requestConfig.elt.closest("form[data-autosave]");
      if (form) {
        window.clearTimeout(timers.get(form));
        timers.set(form, window.setTimeout(save, AGAIN_MS, form));
      }
    });
  });
  window.addEventListener("online", function () {
    Array.from(timers.keys()).forEach(save);
  });
  window.addEventListener("pagehide", function () {
    timers.forEach(function (timer, form) {
      window.clearTimeout(timer);
      window.fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true });
    });
    timers.clear();
  });
})();
