// An open list renews itself without moving what the eye is on. News (workspace/_list.html) bring the rows that changed:
// each stays at its place, gets its new cells and a quiet mark, and is said once. A cell with the focus or an open menu,
// and a row that is selected, are left until the focus goes or the row is no longer selected. What came and what left
// waits behind a bar that one presses; the list that comes then marks what is new in it.
(function () {
  "use strict";
  var waiting = new Map();
  var before = null;

  function list() {
    return document.querySelector("[data-live-list]");
  }

  function rowOf(ticket) {
    return document.querySelector('[data-live-list] tr[data-ticket="' + ticket + '"]');
  }

  function isSelected(row) {
    return row.querySelector('input[name="ticket"]:checked') !== null;
  }

  function isHeld(cell) {
    return cell.contains(document.activeElement) || cell.querySelector('[aria-expanded="true"], input') !== null;
  }

  function unmark(row) {
    row.classList.remove("row-changed", "row-new");
    row.querySelectorAll("[data-row-mark]").forEach(function (mark) {
      mark.remove();
    });
  }

  function mark(row, css, words) {
    unmark(row);
    row.classList.add(css);
    var said = document.createElement("span");
    said.className = "visually-hidden";
    said.setAttribute("data-row-mark", "");
    said.textContent = words;
    row.querySelector("[data-row-link]").after(said);
  }

  // Puts the new cells into the row, but for those that are held; returns whether none was.
  function fill(row, fresh) {
    var cells = Array.prototype.slice.call(fresh.cells), whole = !isSelected(row);
    if (!whole || cells.length !== row.cells.length) {
      return whole;
    }
    cells.forEach(function (cell, at) {
      var old = row.cells[at];
      if (old.isEqualNode(cell) || cell.querySelector("input")) {
        return;
      }
      if (isHeld(old)) {
        whole = false;
      } else {
        old.replaceWith(cell.cloneNode(true));
      }
    });
    if (whole) {
      row.classList.toggle("row-unread", fresh.classList.contains("row-unread"));
      row.dataset.version = fresh.dataset.version;
      row.dataset.stamp = fresh.dataset.stamp;
      row.dispatchEvent(new CustomEvent("rowchanged", { bubbles: true }));
    }
    return whole;
  }

  function renew(row, fresh) {
    if (fill(row, fresh)) {
      waiting.delete(fresh.dataset.ticket);
    } else {
      waiting.set(fresh.dataset.ticket, fresh);
    }
  }

  function take(template) {
    var table = document.querySelector("[data-live-list] [data-rows]"), said = [];
    var left = template.dataset.left.split(" ");
    template.content.querySelectorAll("tr").forEach(function (fresh) {
      var row = rowOf(fresh.dataset.ticket), known = waiting.get(fresh.dataset.ticket);
      if (!row) {
        return;
      }
      if (fresh.dataset.stamp !== (known || row).dataset.stamp) {
        renew(row, fresh);
        mark(row, "row-changed", table.dataset.mark);
        said.push(fresh.dataset.key);
      }
      var gone = left.indexOf(fresh.dataset.ticket) >= 0;
      if (gone && !row.classList.contains("row-left")) {
        mark(row, "row-changed", table.dataset.leftMark);
      }
      row.classList.toggle("row-left", gone);
    });
    template.remove();
    if (said.length) {
      var place = list().querySelector("[data-list-says]");
      place.textContent = place.dataset.words + " " + said.join(", ");
    }
  }

  // A row that was left as it was, once nothing holds it any more.
  function letGo() {
    waiting.forEach(function (fresh, ticket) {
      var row = rowOf(ticket);
      // What was done in the row since has brought a newer one.
      if (row && Number(row.dataset.version) <= Number(fresh.dataset.version)) {
        renew(row, fresh);
      } else {
        waiting.delete(ticket);
      }
    });
  }

  function rows() {
    return Array.prototype.slice.call(document.querySelectorAll("[data-live-list] tr[data-ticket]"));
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target && event.detail.target.matches("[data-live-list]")) {
      var current = document.querySelector("[data-live-list] .row-current");
      before = {
        // Of two lists that come right behind each other the second must not take the first one's rows for known.
        known: before ? before.known : new Set(rows().map(function (row) { return row.dataset.ticket; })),
        selected: rows().filter(isSelected).map(function (row) { return row.dataset.ticket; }),
        current: current ? current.dataset.ticket : ""
      };
      waiting.clear();
    }
  });

  document.addEventListener("htmx:afterSettle", function () {
    var template = document.querySelector("template[data-changed-rows]");
    if (template) {
      take(template);
    }
    if (!before || !list()) {
      return;
    }
    var stood = before, fresh = [];
    before = null;
    rows().forEach(function (row) {
      if (!stood.known.has(row.dataset.ticket)) {
        row.classList.add("row-new");
        fresh.push(row);
      }
    });
    stood.selected.forEach(function (ticket) {
      var row = rowOf(ticket), box = row && row.querySelector('input[name="ticket"]');
      if (box && !box.checked) {
        box.click();
      }
    });
    var row = rowOf(stood.current) || fresh[0] || rows()[0];
    if (row && (document.activeElement === document.body || document.activeElement === list())) {
      row.querySelector("[data-row-link]").focus({ preventScroll: true });
    }
  });

  document.addEventListener("focusout", function (event) {
    if (waiting.size && event.target.closest("[data-live-list]")) {
      window.setTimeout(letGo, 0);
    }
  });
  document.addEventListener("change", function (event) {
    if (event.target.matches('[data-live-list] input[name="ticket"]')) {
      letGo();
    }
  });
  document.addEventListener("focusin", function (event) {
    var row = event.target.closest("[data-live-list] tr[data-ticket]");
    if (row) {
      unmark(row);
    }
  });
})();
