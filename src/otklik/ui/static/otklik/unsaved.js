// Forms without a draft (settings, answers, rules) are not saved automatically: the browser asks before they are left.
// Only submitting the form itself counts as saving; a refused form is still unsaved.
(function () {
  "use strict";
  var sending = null;

  function isOpen(form) {
    var texts = Array.prototype.slice.call(form.querySelectorAll("textarea:not([readonly])"));
    return texts.some(function (text) {
      return text.value !== text.defaultValue || text.getAttribute("aria-invalid") === "true";
    });
  }

  document.addEventListener("submit", function (event) {
    var target = event.submitter && event.submitter.getAttribute("formtarget");
    if (!event.defaultPrevented && !target) {
      sending = event.target;
    }
  });
  window.addEventListener("pageshow", function () {
    sending = null;
  });
  window.addEventListener("beforeunload", function (event) {
    document.querySelectorAll('form[method="post"]:not([data-draft])').forEach(function (form) {
      if (form !== sending && isOpen(form)) {
        event.preventDefault();
      }
    });
  });
})();
