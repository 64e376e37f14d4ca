// J and K walk through a list, Enter opens; keys by their place, so the Russian layout works too.
(function () {
  "use strict";
  var TYPING = "input, textarea, select, [contenteditable], dialog";

  function step(by) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("[data-rows] tbody tr"));
    var at = rows.findIndex(function (row) {
      return row.classList.contains("row-current");
    });
    var next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (!next) {
      return;
    }
    rows.forEach(function (row) {
      row.classList.toggle("row-current", row === next);
    });
    next.querySelector("[data-row-link]").focus();
  }

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
