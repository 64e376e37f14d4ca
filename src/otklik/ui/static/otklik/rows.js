// A click anywhere in a row of [data-rows] follows its [data-row-link]: with Ctrl or the middle button in another tab.
// J and K move through the rows' links, arrows as well once one has the focus; Enter and O open, X selects, Shift+X
// selects from the last selected row, Ctrl+A all rows, Escape none. Physical keys, so the Russian layout works too.
// Going back from a ticket focuses its row.
(function () {
  "use strict";
  var TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog, [role=dialog]";
  var BOX = 'input[type="checkbox"][name="ticket"]';
  var LEFT = "otklik_row";
  var selectedLast = null;

  function rows() {
    return Array.prototype.slice.call(document.querySelectorAll("[data-rows] tbody tr"));
  }

  function current() {
    return document.querySelector("[data-rows] .row-current");
  }

  function go(row) {
    var link = row && row.querySelector("[data-row-link]");
    if (link) {
      link.focus();
    }
  }

  function step(by) {
    var all = rows(), at = all.indexOf(current());
    go(all[at < 0 && by < 0 ? all.length - 1 : Math.min(Math.max(at + by, 0), all.length - 1)]);
  }

  // A list wider than its container is focusable, so that the keyboard can scroll it, and is marked as scrollable.
  function tellWidth() {
    document.querySelectorAll("[data-wide]").forEach(function (place) {
      var wide = place.scrollWidth > place.clientWidth + 1;
      ["tabindex", "role", "aria-label"].forEach(function (name) {
        if (wide) {
          place.setAttribute(name, { tabindex: "0", role: "region", "aria-label": place.dataset.wide }[name]);
        } else {
          place.removeAttribute(name);
        }
      });
    });
  }
  tellWidth();
  window.addEventListener("resize", tellWidth);
  document.addEventListener("htmx:afterSettle", tellWidth);

  document.addEventListener("focusin", function (event) {
    var row = event.target.closest("[data-rows] tbody tr");
    if (row && row.querySelector("[data-row-link]")) {
      document.querySelectorAll(".row-current").forEach(function (other) {
        other.classList.remove("row-current");
      });
      row.classList.add("row-current");
    }
  });

  function opened(event) {
    var row = event.target.closest("[data-rows] tbody tr");
    if (!row || event.defaultPrevented || event.target.closest("a, button, input, select, textarea, label, summary, [role=dialog]")) {
      return null;
    }
    // Selecting text with the mouse is for copying.
    return window.getSelection().toString() ? null : row.querySelector("[data-row-link]");
  }

  document.documentElement.classList.add("rows-open");
  document.addEventListener("click", function (event) {
    var link = opened(event);
    if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      window.open(link.href, "_blank", "noopener");
    } else if (link) {
      link.click();
    }
  });
  document.addEventListener("auxclick", function (event) {
    var link = event.button === 1 ? opened(event) : null;
    if (link) {
      window.open(link.href, "_blank", "noopener");
    }
  });

  function boxOf(row) {
    return row ? row.querySelector(BOX) : null;
  }

  function set(row, checked) {
    var box = boxOf(row);
    if (box && box.checked !== checked) {
      box.click();
    }
  }

  function select(range) {
    var all = rows(), row = current(), box = boxOf(row);
    if (!box) {
      return false;
    }
    var from = all.indexOf(selectedLast), to = all.indexOf(row);
    if (range && from >= 0) {
      all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach(function (between) {
        set(between, true);
      });
    } else {
      box.click();
    }
    selectedLast = row;
    return true;
  }

  function setAll(checked) {
    var some = rows().filter(function (row) {
      return boxOf(row) && boxOf(row).checked !== checked;
    });
    some.forEach(function (row) {
      set(row, checked);
    });
    return some.length > 0;
  }

  function isTyping(event) {
    return event.isComposing || event.target.closest(TYPING) !== null
      || (event.target.closest("summary, button") !== null && event.target.closest("[data-rows]") === null);
  }

  function withModifier(event) {
    if (event.code === "KeyA" && !event.altKey && !event.shiftKey && event.target.closest("[data-rows]") && document.querySelector("[data-rows] " + BOX)) {
      event.preventDefault();
      setAll(true);
    }
  }

  function single(event) {
    var within = event.target.closest("[data-rows]") !== null;
    var keys = {
      KeyJ: function () { step(1); return true; },
      KeyK: function () { step(-1); return true; },
      ArrowDown: function () { return within && (step(1), true); },
      ArrowUp: function () { return within && (step(-1), true); },
      KeyO: function () {
        var link = current() && current().querySelector("[data-row-link]");
        return link !== null && (link.click(), true);
      },
      KeyX: function () { return select(event.shiftKey); }
    };
    var act = Object.prototype.hasOwnProperty.call(keys, event.code) ? keys[event.code] : null;
    if (act && (!event.shiftKey || event.code === "KeyX") && act()) {
      event.preventDefault();
    }
  }

  document.addEventListener("keydown", function (event) {
    if (event.altKey || event.defaultPrevented || isTyping(event)) {
      return;
    }
    if (event.ctrlKey || event.metaKey) {
      withModifier(event);
    } else if (event.key === "Escape") {
      if (!document.querySelector("dialog[open], details[data-menu][open], [role=dialog]:not([hidden])")) {
        setAll(false);
      }
    } else if (document.documentElement.getAttribute("data-keys") !== "off") {
      single(event);
    }
  });

  // Remembers the row by which the list was left.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-rows] tbody a[href^='/browse/']");
    var key = link && link.closest("tr").dataset.key;
    if (key) {
      window.sessionStorage.setItem(LEFT, JSON.stringify([window.location.pathname, key, window.scrollY]));
    }
  });

  function comesBack() {
    var way = window.performance.getEntriesByType("navigation")[0];
    var from = document.referrer.indexOf(window.location.origin + "/browse/") === 0;
    return from || (way !== undefined && way.type === "back_forward");
  }

  window.addEventListener("pageshow", function (event) {
    var left = JSON.parse(window.sessionStorage.getItem(LEFT) || "[]");
    if (left[0] !== window.location.pathname || !(event.persisted || comesBack())) {
      return;
    }
    window.sessionStorage.removeItem(LEFT);
    var row = rows().find(function (one) {
      return one.dataset.key === left[1];
    });
    if (row) {
      window.scrollTo({ top: left[2], behavior: "instant" });
      go(row);
    }
  });
})();
