// Reports errors of fragments, asks before [data-confirm] forms in the page's language, and prevents a double click
// from submitting a form twice.
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

  // After the session has ended a fragment request gets the login page: an action goes there, polling does nothing.
  document.addEventListener("htmx:beforeSwap", function (event) {
    var came = event.detail.xhr.responseURL;
    if (came && new URL(came).pathname.endsWith("/user/login") && !window.location.pathname.endsWith("/user/login")) {
      event.detail.shouldSwap = false;
      if (event.detail.requestConfig.verb !== "get") {
        window.location.assign(came);
      }
    }
  });

  function button(text, look) {
    var made = document.createElement("button");
    made.value = look;
    made.className = look === "yes" ? "btn btn-primary" : "btn";
    made.textContent = text;
    return made;
  }

  function send(form, submitter) {
    // The part of the page that held the form may have been renewed meanwhile.
    if (!form.isConnected) {
      form.hidden = true;
      document.body.append(form);
    }
    form.setAttribute("data-agreed", "");
    form.requestSubmit(submitter);
  }

  // A browser's own question has buttons in the browser's language.
  function ask(question, form, submitter) {
    var dialog = document.createElement("dialog");
    var text = document.createElement("p");
    var answers = document.createElement("form");
    var yes = (submitter && (submitter.textContent.trim() || submitter.getAttribute("aria-label"))) || words("yes");
    dialog.className = "question";
    dialog.setAttribute("role", "alertdialog");
    dialog.setAttribute("aria-labelledby", "question-text");
    text.id = "question-text";
    text.textContent = question;
    answers.method = "dialog";
    answers.append(button(yes, "yes"), button(words("no"), "no"));
    dialog.append(text, answers);
    dialog.addEventListener("close", function () {
      dialog.remove();
      if (dialog.returnValue === "yes") {
        send(form, submitter);
      }
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var question = (event.submitter && event.submitter.getAttribute("data-confirm")) || form.getAttribute("data-confirm");
    if (question && !form.hasAttribute("data-agreed")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(question, form, event.submitter);
      return;
    }
    form.removeAttribute("data-agreed");
    // A form whose target is a frame (a preview) does not leave the page and may be submitted again.
    var aside = event.submitter && event.submitter.getAttribute("formtarget");
    if (form.method === "post" && !aside && !event.defaultPrevented && !form.closest("[data-hx-post],[hx-post]")) {
      if (form.hasAttribute("data-sending")) {
        event.preventDefault();
        return;
      }
      form.setAttribute("data-sending", "");
      // A download does not leave the page; its form must not stay locked.
      window.setTimeout(function () {
        form.removeAttribute("data-sending");
      }, SENDING_AT_MOST_MS);
    }
  }, true);

  // A page restored by the back button must be submittable again.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sending]").forEach(function (form) {
      form.removeAttribute("data-sending");
    });
  });
})();
