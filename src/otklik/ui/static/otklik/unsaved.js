// Texts in forms without a draft (settings, answers, rules) are kept by nothing: the browser asks before they are left.
// Only the form's own sending counts as saved; one that came back refused is still to be saved.
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
