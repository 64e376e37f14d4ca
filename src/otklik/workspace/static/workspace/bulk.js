// Checkboxes of a list's rows: the one in the header selects all, Shift and a click all between two, and a bar shows
// how many are selected. «All that are found» includes rows beyond the page; deselecting one of them returns to single
// rows.
(function () {
  "use strict";
  var BOX = '[data-rows] input[name="ticket"]';
  var last = null;

  function boxes() {
    return Array.prototype.slice.call(document.querySelectorAll(BOX));
  }

  function part(name) {
    return document.querySelector("[data-rows-bar] [" + name + "]");
  }

  function tell() {
    var bar = document.querySelector("[data-rows-bar]");
    if (!bar) {
      return;
    }
    var table = document.querySelector("[data-rows][data-found]");
    if (table) {
      part("data-rows-total").textContent = table.dataset.found;
    }
    var all = part("data-rows-all"), ticked = boxes().filter(function (box) { return box.checked; }).length;
    bar.classList.toggle("rows-bar-on", ticked > 0);
    var count = part("data-rows-count"), number = all.checked ? part("data-rows-total").textContent : String(ticked);
    if (count.dataset.number !== number) {
      var words = document.createElement("span");
      words.className = "rows-bar-words";
      words.textContent = count.dataset.words;
      count.replaceChildren.apply(count, ticked ? [words, " " + number] : []);
      count.dataset.number = number;
    }
    document.querySelectorAll("[data-tick-all]").forEach(function (head) {
      head.checked = ticked > 0 && ticked === boxes().length;
      head.indeterminate = ticked > 0 && !head.checked;
    });
  }

  function set(some, checked) {
    some.forEach(function (box) {
      if (box.checked !== checked) {
        box.checked = checked;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }

  document.addEventListener("click", function (event) {
    if (event.target.matches(BOX)) {
      var all = boxes(), from = all.indexOf(last), to = all.indexOf(event.target);
      if (event.shiftKey && from >= 0) {
        set(all.slice(Math.min(from, to), Math.max(from, to) + 1), event.target.checked);
      }
      last = event.target;
    } else if (event.target.closest("[data-rows-none]")) {
      set(boxes(), false);
      // There are two: one above the cards on a phone, one in the table's header.
      var heads = Array.prototype.slice.call(document.querySelectorAll("[data-tick-all]"));
      (heads.find(function (head) { return head.offsetParent !== null; }) || document.body).focus();
    }
  });

  document.addEventListener("change", function (event) {
    var all = part("data-rows-all");
    if (event.target.matches("[data-tick-all]")) {
      set(boxes(), event.target.checked);
    } else if (event.target === all && all.checked) {
      set(boxes(), true);
    } else if (event.target.matches(BOX) && all && !event.target.checked) {
      all.checked = false;
    }
    if (event.target === all || event.target.matches(BOX)) {
      tell();
    }
  });

  document.addEventListener("htmx:afterSettle", tell);
  // Checkboxes that the browser restored on going back.
  window.addEventListener("pageshow", tell);
})();
