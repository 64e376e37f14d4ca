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
