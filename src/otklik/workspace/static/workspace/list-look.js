// Columns are reordered by their arrows or by dragging before the form is submitted. Without this script each arrow
// submits it.
(function () {
  "use strict";
  var list = document.querySelector("[data-look-columns]");

  function rows() {
    return Array.prototype.slice.call(list.children);
  }

  function arrows() {
    rows().forEach(function (row, place, all) {
      row.querySelector("[name=up]").disabled = place === 0;
      row.querySelector("[name=down]").disabled = place === all.length - 1;
    });
  }

  list.addEventListener("click", function (event) {
    var button = event.target.closest("[name=up], [name=down]");
    if (!button) {
      return;
    }
    event.preventDefault();
    var row = button.closest("[data-column]"), up = button.name === "up";
    list.insertBefore(row, up ? row.previousElementSibling : row.nextElementSibling.nextElementSibling);
    arrows();
    (button.disabled ? row.querySelector(up ? "[name=down]" : "[name=up]") : button).focus();
  });
  window.otklikDragging(list, "[data-column]", ".look-grip", arrows);
  arrows();
})();
