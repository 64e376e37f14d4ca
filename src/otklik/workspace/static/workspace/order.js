// Reorders rows by arrow buttons or dragging, without reloading the page. Without this script each arrow submits its form.
(function () {
  "use strict";
  var ROWS = "[data-draggable]";

  function rowsOf(list) {
    return Array.prototype.slice.call(list.querySelectorAll(ROWS));
  }

  function arrows(list) {
    rowsOf(list).forEach(function (row, place, all) {
      var up = row.querySelector("[name=up]"), down = row.querySelector("[name=down]");
      if (up && down) {
        up.disabled = place === 0;
        down.disabled = place === all.length - 1;
      }
    });
  }

  function send(list, row) {
    var body = new FormData(), all = rowsOf(list);
    body.append("csrfmiddlewaretoken", list.querySelector("input[name=csrfmiddlewaretoken]").value);
    all.forEach(function (one) { body.append("order", one.dataset.id); });
    arrows(list);
    fetch(list.dataset.movable, { method: "POST", body: body })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error("refused");
        }
        var name = (row.querySelector(".movable-text a") || row.querySelector(".movable-text")).textContent.trim();
        var place = all.indexOf(row) + 1;
        list.parentElement.querySelector("[data-movable-state]").textContent =
          name + ": " + place + " / " + all.length + ". " + list.dataset.moved;
      })
      .catch(function () { window.location.reload(); });
  }

  document.querySelectorAll("[data-movable]").forEach(function (list) {
    window.otklikDragging(list, ROWS, ".movable-grip", function (row) { send(list, row); });
    list.addEventListener("click", function (event) {
      var button = event.target.closest("[name=up], [name=down]"), row = button && button.closest(ROWS);
      if (!row) {
        return;
      }
      event.preventDefault();
      var up = button.name === "up", all = rowsOf(list), next = all[all.indexOf(row) + (up ? -1 : 1)];
      list.insertBefore(row, up ? next : next.nextSibling);
      send(list, row);
      (button.disabled ? row.querySelector(up ? "[name=down]" : "[name=up]") : button).focus();
    });
  });
})();
