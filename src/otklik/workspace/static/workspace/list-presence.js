// Marks the rows of requests that others have open. The list asks who is where (#list-presence); rows that are swapped
// are marked again.
(function () {
  "use strict";

  function mark() {
    var told = document.getElementById("list-presence"), drawing = document.getElementById("present-mark");
    if (!told || !drawing) {
      return;
    }
    var names = new Map();
    told.querySelectorAll("[data-present]").forEach(function (entry) {
      names.set(entry.dataset.present, entry.textContent);
    });
    document.querySelectorAll("[data-live-list] tr[data-ticket]").forEach(function (row) {
      var shown = row.querySelector(".present-mark"), who = names.get(row.dataset.ticket);
      var link = row.querySelector("[data-row-link]");
      if (!who || !link) {
        if (shown) {
          shown.remove();
        }
        return;
      }
      if (!shown) {
        link.parentNode.append(drawing.content.cloneNode(true));
        shown = row.querySelector(".present-mark");
      }
      shown.title = drawing.content.firstElementChild.title + " " + who;
      shown.querySelector(".visually-hidden").textContent = shown.title;
    });
  }

  document.addEventListener("htmx:afterSettle", mark);
  mark();
})();
