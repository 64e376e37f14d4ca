// Keys for the list of requests, by place, the same in both layouts: J and K walk, Enter opens, / goes to the search.
(function () {
  "use strict";

  function typing(target) {
    return target.closest("input, select, textarea, [contenteditable], summary, button");
  }

  function step(by) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("[data-request-rows] [data-row-link]"));
    if (!rows.length) {
      return;
    }
    var at = rows.indexOf(document.activeElement) + by;
    rows[Math.max(0, Math.min(rows.length - 1, at))].focus();
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) {
      return;
    }
    if (event.code === "KeyJ" || event.code === "KeyK") {
      event.preventDefault();
      step(event.code === "KeyJ" ? 1 : -1);
    } else if (event.code === "Slash") {
      event.preventDefault();
      document.getElementById("filter").focus();
    }
  });

  document.addEventListener("focusin", function (event) {
    document.querySelectorAll(".row-here").forEach(function (row) {
      row.classList.remove("row-here");
    });
    var link = event.target.closest("[data-request-rows] [data-row-link]");
    if (link) {
      link.closest("tr").classList.add("row-here");
    }
  });
})();
