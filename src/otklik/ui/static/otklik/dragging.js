// Rows of a list are put into another order by their grips: by mouse, pen or finger; Escape puts them back.
// otklikDragging(list, rows, grip, done): `rows` and `grip` are selectors, `done(row)` is called after a change.
(function () {
  "use strict";
  var EDGE = 60, STEP = 12;

  window.otklikDragging = function (list, rows, grip, done) {
    var row = null, before = null, pointer = null;

    function order() {
      return Array.prototype.slice.call(list.querySelectorAll(rows));
    }

    function end() {
      row.classList.remove("is-dragged");
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", drop);
      document.removeEventListener("pointercancel", cancel);
      document.removeEventListener("keydown", escape, true);
      var dragged = row;
      row = null;
      return dragged;
    }

    function move(event) {
      if (event.pointerId !== pointer) {
        return;
      }
      var over = order().find(function (other) {
        var box = other.getBoundingClientRect();
        return other !== row && event.clientY >= box.top && event.clientY <= box.bottom;
      });
      if (over) {
        var box = over.getBoundingClientRect();
        list.insertBefore(row, event.clientY > box.top + box.height / 2 ? over.nextSibling : over);
      }
      if (event.clientY < EDGE || event.clientY > window.innerHeight - EDGE) {
        window.scrollBy(0, event.clientY < EDGE ? -STEP : STEP);
      }
    }

    function drop(event) {
      if (event.pointerId !== pointer) {
        return;
      }
      var dragged = end();
      if (order().some(function (one, place) { return one !== before[place]; })) {
        done(dragged);
      }
    }

    function cancel() {
      end();
      list.prepend.apply(list, before);
    }

    function escape(event) {
      if (event.key === "Escape") {
        event.stopPropagation();
        cancel();
      }
    }

    list.addEventListener("pointerdown", function (event) {
      var held = event.target.closest(grip);
      if (!held || event.button !== 0 || row) {
        return;
      }
      event.preventDefault();
      row = held.closest(rows);
      before = order();
      pointer = event.pointerId;
      row.classList.add("is-dragged");
      document.addEventListener("pointermove", move);
      document.addEventListener("pointerup", drop);
      document.addEventListener("pointercancel", cancel);
      document.addEventListener("keydown", escape, true);
    });
  };
})();
