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

  // Sent as it stands, a field shows what came of it; what was typed on since then is still to be saved.
  function settle(field, sent) {
    if (field.tagName !== "SELECT" && field.type !== "hidden" && field.value !== sent[field.name]) {
      return;
    }
    field.removeAttribute("data-pending");
    if (field.tagName === "INPUT") {
      field.defaultValue = field.value;
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
      // What was answered by an error is not saved: a line stays as it is typed, a list shows what is so.
      var sent = event.detail.isError ? {} : event.detail.requestConfig.parameters;
      Array.prototype.forEach.call(form.elements, function (field) {
        settle(field, sent);
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
    document.querySelectorAll("form[data-autosave] input[name]:not([type=hidden])").forEach(function (field) {
      if (field.value !== field.defaultValue && !timers.has(field.form)) {
        timers.set(field.form, 0);
      }
    });
    timers.forEach(function (timer, form) {
      window.clearTimeout(timer);
      window.fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true });
    });
    timers.clear();
  });
})();
