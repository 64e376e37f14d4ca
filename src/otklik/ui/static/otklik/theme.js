// Theme: light, dark or as the system. The first paint does not wait for this script, since the style sheets follow the
// system's setting. The choice is stored in a cookie, so that the server renders the right theme.
(function () {
  "use strict";
  var COOKIE = "otklik_theme";
  var YEAR = 31536000;
  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");

  function choice() {
    return root.getAttribute("data-theme") || "auto";
  }

  function show() {
    var chosen = choice();
    root.setAttribute("data-bs-theme", chosen === "auto" ? (system.matches ? "dark" : "light") : chosen);
    document.querySelectorAll("[data-theme-set]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-theme-set") === chosen));
    });
  }

  function remember(chosen) {
    var age = chosen === "auto" ? 0 : YEAR;
    var secure = window.location.protocol === "https:" ? "; secure" : "";
    document.cookie = COOKIE + "=" + chosen + "; path=/; samesite=lax; max-age=" + age + secure;
  }

  // Stores the choice for the person's other devices; without scripts the form does this.
  function tell(button) {
    if (button.form) {
      var words = new FormData(button.form);
      words.set("theme", choice());
      fetch(button.form.action, { method: "POST", body: words, redirect: "manual" }).catch(function () {});
    }
  }

  root.classList.add("js");
  show();
  if (system.addEventListener) {
    system.addEventListener("change", show);
  }
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-theme-set]");
    if (button) {
      event.preventDefault();
      root.setAttribute("data-theme", button.getAttribute("data-theme-set"));
      remember(choice());
      show();
      tell(button);
    }
  });
})();
