// Columns are reordered by their arrows or by dragging before the form is submitted. Without this script each arrow
// submits it.
(function () {
  "use strict";
  var list = document.querySelector("[data-look-columns]"), dragged = null;

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
  list.addEventListener("pointerdown", function (event) {
    if (event.target.closest(".look-grip")) {
      event.target.closest("[data-column]").draggable = true;
    }
  });
  list.addEventListener("dragstart", function (event) {
    dragged = event.target.closest("[data-column]");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "column");
  });
  list.addEventListener("dragover", function (event) {
    var row = event.target.closest("[data-column]");
    if (!dragged) {
      return;
    }
    event.preventDefault();
    if (row && row !== dragged) {
      var box = row.getBoundingClientRect();
      list.insertBefore(dragged, event.clientY > box.top + box.height / 2 ? row.nextElementSibling : row);
    }
  });
  list.addEventListener("drop", function (event) { event.preventDefault(); });
  list.addEventListener("dragend", function () {
    dragged.draggable = false;
    dragged = null;
    arrows();
  });
  arrows();
})();
