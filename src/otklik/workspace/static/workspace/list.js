// Updates an open list without moving the rows. The polled response (workspace/_list.html) brings the changed rows:
// each stays in place, gets its new cells and a subtle mark, and is announced once. A cell with the focus or an open
// menu, and a selected row, are updated when the focus leaves or the row is deselected. New and removed rows wait
// behind a bar to be pressed; the list loaded then marks its new rows.
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

  // Replaces the row's cells except those in use; returns whether all were replaced.
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

  // Updates a postponed row once it is no longer in use.
  function letGo() {
    waiting.forEach(function (fresh, ticket) {
      var row = rowOf(ticket);
      // An action in the row has brought a newer version since.
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

  function isKnown(row) {
    return !row.classList.contains("row-new");
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target && event.detail.target.matches("[data-live-list]")) {
      var current = document.querySelector("[data-live-list] .row-current");
      before = {
        // A row stays new until somebody has been there, however many lists arrive meanwhile.
        known: before ? before.known : new Set(rows().filter(isKnown).map(function (row) { return row.dataset.ticket; })),
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
