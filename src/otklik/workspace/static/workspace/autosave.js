// Selects and lines in [data-autosave] forms are saved automatically (htmx's trigger "save"). With the keyboard every
// step through a select is a change, so saving waits a moment; leaving the field or the page saves at once. What did
// not reach the server is saved when the connection is back: a select must not go on showing an unsaved value.
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

  // A field still as it was sent shows the saved value; what was typed since is still to be saved.
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
  // Enter submits the line as well as changing it: what is submitted now need not be saved again.
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
      // After an error nothing is saved: a line keeps what was typed, a select shows the saved value.
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
