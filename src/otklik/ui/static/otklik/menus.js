// Enhances menus that work without scripts: <details data-menu> closes by Escape or a click elsewhere,
// [data-toggles="id"] opens and closes an element, [data-dismiss] removes its [data-flash].
(function () {
  "use strict";

  function closeMenus(except) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (!except || !menu.contains(except)) {
        menu.open = false;
      }
    });
  }

  function setOpen(button, open) {
    var target = document.getElementById(button.getAttribute("data-toggles"));
    if (target) {
      target.classList.toggle("is-open", open);
      button.setAttribute("aria-expanded", String(open));
    }
  }

  document.addEventListener("click", function (event) {
    closeMenus(event.target);
    var toggle = event.target.closest("[data-toggles]");
    if (toggle) {
      setOpen(toggle, toggle.getAttribute("aria-expanded") !== "true");
    }
    var dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) {
      dismiss.closest("[data-flash]").remove();
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") {
      return;
    }
    var open = document.querySelector("details[data-menu][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
    document.querySelectorAll('[data-toggles][aria-expanded="true"]').forEach(function (button) {
      setOpen(button, false);
      button.focus();
    });
  });
})();
