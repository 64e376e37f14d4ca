// The panel of the version for the visually impaired: choices apply at once, and typed values stay. Without this script
// the same buttons submit the form and the page is reloaded.
(function () {
  "use strict";
  var form = document.querySelector("[data-sight]");

  function shown(classes) {
    var root = document.documentElement;
    root.className = "js " + classes;
    var dark = /\bscheme-(black|brown)\b/.test(classes);
    root.setAttribute("data-theme", dark ? "dark" : "light");
    root.setAttribute("data-bs-theme", dark ? "dark" : "light");
    form.querySelectorAll("[aria-pressed]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(root.classList.contains(button.name + "-" + button.value)));
    });
    var said = form.querySelector("[data-sight-said]");
    said.textContent = "";
    window.setTimeout(function () {
      said.textContent = said.getAttribute("data-words");
    }, 100);
  }

  if (!form || !window.fetch || !window.FormData) {
    return;
  }
  form.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button || button.value === "off") {
      return;
    }
    event.preventDefault();
    var words = new FormData(form);
    words.append(button.name, button.value);
    window.fetch(form.action, { method: "POST", body: words, headers: { "X-Sight": "1" }, credentials: "same-origin" })
      .then(function (answer) {
        return answer.ok ? answer.text() : Promise.reject(answer);
      })
      .then(shown)
      .catch(function () {
        words = document.createElement("input");
        words.type = "hidden";
        words.name = button.name;
        words.value = button.value;
        form.appendChild(words);
        form.submit();
      });
  });
})();
