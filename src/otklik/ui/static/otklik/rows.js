// A click anywhere in a row of [data-rows] opens its [data-row-link]: with Ctrl or the middle button in another tab.
// J and K walk through the rows of [data-rows] by its [data-row-link]s, Enter opens; keys by their place, so the Russian
// layout works too. Where rows are swapped, the links need ids: htmx gives the focus back to the same request.
(function () {
  "use strict";
  var TYPING = "input, textarea, select, [contenteditable], summary, button, dialog";

  function step(by) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("[data-rows] tbody tr"));
    var at = rows.findIndex(function (row) {
      return row.classList.contains("row-current");
    });
    var next = rows[at < 0 && by < 0 ? rows.length - 1 : Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (next) {
      next.querySelector("[data-row-link]").focus();
    }
  }

  document.addEventListener("focusin", function (event) {
    var link = event.target.closest("[data-rows] [data-row-link]");
    if (link) {
      document.querySelectorAll(".row-current").forEach(function (row) {
        row.classList.remove("row-current");
      });
      link.closest("tr").classList.add("row-current");
    }
  });

  function opened(event) {
    var row = event.target.closest("[data-rows] tbody tr");
    if (!row || event.defaultPrevented || event.target.closest("a, button, input, select, textarea, label, summary")) {
      return null;
    }
    // Who marks words with the mouse wants to copy them.
    return window.getSelection().toString() ? null : row.querySelector("[data-row-link]");
  }

  document.documentElement.classList.add("rows-open");
  document.addEventListener("click", function (event) {
    var link = opened(event);
    if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      window.open(link.href, "_blank", "noopener");
    } else if (link) {
      link.click();
    }
  });
  document.addEventListener("auxclick", function (event) {
    var link = event.button === 1 ? opened(event) : null;
    if (link) {
      window.open(link.href, "_blank", "noopener");
    }
  });

  document.addEventListener("keydown", function (event) {
    if (document.documentElement.getAttribute("data-keys") === "off") {
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest(TYPING)) {
      return;
    }
    if (event.code === "KeyJ" || event.code === "KeyK") {
      event.preventDefault();
      step(event.code === "KeyJ" ? 1 : -1);
    }
  });
})();
