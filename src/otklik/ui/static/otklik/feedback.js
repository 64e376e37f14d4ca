// Says aloud what went wrong with a fragment, asks before [data-confirm] forms,
// and keeps a form from being sent twice by a double click.
(function () {
  "use strict";
  var SENDING_AT_MOST_MS = 10000;

  function notice(words) {
    var area = document.querySelector("[data-notice]");
    var box = document.createElement("div");
    var text = document.createElement("div");
    var close = document.createElement("button");
    box.className = "alert alert-danger flash";
    box.setAttribute("data-flash", "");
    text.className = "flash-text";
    text.textContent = words;
    close.type = "button";
    close.className = "btn-close";
    close.setAttribute("data-dismiss", "");
    close.setAttribute("aria-label", area.getAttribute("data-close"));
    box.append(text, close);
    area.replaceChildren(box);
  }

  function words(name) {
    return document.querySelector("[data-notice]").getAttribute("data-" + name);
  }

  document.addEventListener("htmx:responseError", function () {
    notice(words("failed"));
  });
  document.addEventListener("htmx:sendError", function () {
    notice(words("offline"));
  });
  document.addEventListener("htmx:timeout", function () {
    notice(words("offline"));
  });

  // Whose session ended gets the login page for a fragment: an act leads there, a look from time to time does nothing.
  document.addEventListener("htmx:beforeSwap", function (event) {
    var came = event.detail.xhr.responseURL;
    if (came && new URL(came).pathname.endsWith("/user/login") && !window.location.pathname.endsWith("/user/login")) {
      event.detail.shouldSwap = false;
      if (event.detail.requestConfig.verb !== "get") {
        window.location.assign(came);
      }
    }
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var question = (event.submitter && event.submitter.getAttribute("data-confirm")) || form.getAttribute("data-confirm");
    if (question && !window.confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // What goes into a frame (a preview) leaves the page standing and may be asked for again.
    var aside = event.submitter && event.submitter.getAttribute("formtarget");
    if (form.method === "post" && !aside && !event.defaultPrevented && !form.closest("[data-hx-post],[hx-post]")) {
      if (form.hasAttribute("data-sending")) {
        event.preventDefault();
        return;
      }
      form.setAttribute("data-sending", "");
      // An answer that is a download leaves the page standing; its form must not stay locked.
      window.setTimeout(function () {
        form.removeAttribute("data-sending");
      }, SENDING_AT_MOST_MS);
    }
  }, true);

  // A page brought back by the browser's back button must be sendable again.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sending]").forEach(function (form) {
      form.removeAttribute("data-sending");
    });
  });
})();
