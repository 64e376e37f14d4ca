// Changes assignee, status and priority within the row. A cell [data-edit] becomes a button that opens a list; typing
// filters it; arrows select, Enter takes, Escape closes. S, P and A, by physical key, open the cells of the current
// row. The request contains what the row showed: a colleague's change meanwhile is reported, and nothing is
// overwritten. Without scripts, and on a phone, the ticket's own page offers the same.
(function () {
  "use strict";
  var words = document.querySelector("template[data-cell-editor]");
  if (!words || window.matchMedia("(max-width: 47.99rem)").matches) {
    return;
  }
  words = words.dataset;
  var KEYS = { KeyS: "status", KeyP: "priority", KeyA: "assignee" };
  var TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog, [role=dialog]";
  var open = null, asked = 0;

  var note = document.createElement("div");
  note.className = "list-note no-print";
  note.setAttribute("role", "status");
  document.querySelector("main").after(note);

  function cellsIn(place) {
    return Array.prototype.slice.call(place.querySelectorAll("td[data-edit]"));
  }

  function upgrade(place) {
    cellsIn(place).forEach(function (cell) {
      if (cell.querySelector(".cell-edit")) {
        return;
      }
      var button = document.createElement("button");
      button.type = "button";
      button.className = "cell-edit";
      button.tabIndex = cell.parentNode.classList.contains("row-current") ? 0 : -1;
      button.setAttribute("aria-haspopup", "dialog");
      button.setAttribute("aria-expanded", "false");
      button.setAttribute("aria-label", cell.dataset.label + ": " + cell.textContent.trim());
      button.append.apply(button, cell.childNodes);
      cell.append(button);
    });
  }

  // Tab reaches only the buttons of the current row.
  document.addEventListener("focusin", function (event) {
    var row = event.target.closest("[data-rows] tbody tr");
    if (row) {
      document.querySelectorAll(".cell-edit").forEach(function (button) {
        button.tabIndex = row.contains(button) ? 0 : -1;
      });
    }
    if (open && !open.box.contains(event.target) && event.target !== open.button) {
      close(false);
    }
  });

  function close(back) {
    asked += 1;
    if (open) {
      var button = open.button;
      open.box.remove();
      open = null;
      button.setAttribute("aria-expanded", "false");
      if (back) {
        button.focus();
      }
    }
  }

  function make(name, css, role) {
    var made = document.createElement(name);
    made.className = css;
    if (role) {
      made.setAttribute("role", role);
    }
    return made;
  }

  function activate(place) {
    open.at = place;
    Array.prototype.forEach.call(open.list.children, function (item, at) {
      item.setAttribute("aria-selected", at === place ? "true" : "false");
    });
    var item = open.list.children[place];
    if (item && item.id) {
      open.field.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else {
      open.field.removeAttribute("aria-activedescendant");
    }
  }

  function narrow() {
    var typed = open.field.value.trim(), wanted = window.otklikTyped.variants(typed);
    open.shown = open.choices.options.filter(function (option) {
      var label = window.otklikTyped.folded(option.label);
      return wanted.some(function (one) { return label.indexOf(one) >= 0; });
    });
    open.list.replaceChildren.apply(open.list, open.shown.map(function (option, at) {
      var item = make("li", option.chosen ? "cell-option cell-option-now" : "cell-option", "option");
      item.id = "cell-option-" + at;
      item.textContent = option.label;
      return item;
    }));
    open.nothing.hidden = open.shown.length > 0;
    open.list.hidden = open.shown.length === 0;
    var chosen = open.shown.findIndex(function (option) { return option.chosen; });
    activate(typed || chosen < 0 ? 0 : chosen);
  }

  function placeAt(box, cell) {
    var rect = cell.getBoundingClientRect();
    var above = window.innerHeight - rect.bottom < box.offsetHeight + 8 && rect.top > box.offsetHeight + 8;
    box.style.left = Math.max(8, Math.min(rect.left, window.innerWidth - box.offsetWidth - 8)) + "px";
    box.style.top = (above ? rect.top - box.offsetHeight - 2 : rect.bottom + 2) + "px";
  }

  function show(button, choices) {
    var cell = button.closest("td"), label = cell.dataset.label;
    var box = make("div", "cell-menu", "dialog"), field = make("input", "form-control", "combobox");
    var list = make("ul", "cell-options", "listbox"), nothing = make("p", "soft cell-nothing", "status");
    box.setAttribute("aria-label", label + ", " + button.closest("tr").dataset.key);
    field.setAttribute("aria-label", words.filter);
    field.placeholder = words.filter;
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", "cell-options");
    field.autocomplete = "off";
    list.id = "cell-options";
    list.setAttribute("aria-label", label);
    nothing.textContent = words.nothing;
    box.append(field, list, nothing);
    document.body.append(box);
    open = { button: button, box: box, field: field, list: list, nothing: nothing, choices: choices, shown: [], at: 0 };
    narrow();
    placeAt(box, cell);
    field.focus();
    field.addEventListener("input", narrow);
    list.addEventListener("mousedown", function (event) { event.preventDefault(); });
    list.addEventListener("click", function (event) {
      var item = event.target.closest("[role=option]");
      if (item) {
        take(open.shown[Array.prototype.indexOf.call(list.children, item)]);
      }
    });
    box.addEventListener("keydown", onKey);
  }

  function onKey(event) {
    var count = open.shown.length;
    if (event.isComposing) {
      return;
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      activate((open.at + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    } else if (event.key === "Enter" && count) {
      event.preventDefault();
      take(open.shown[open.at]);
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      close(true);
    }
  }

  function ask(button) {
    close(false);
    var row = button.closest("tr"), mine = asked += 1;
    button.setAttribute("aria-expanded", "true");
    fetch("/browse/" + row.dataset.key + "/choices/" + button.closest("td").dataset.edit, { headers: { Accept: "application/json" } })
      .then(read)
      .then(function (choices) {
        if (mine === asked && button.isConnected) {
          show(button, choices);
        } else if (!open || open.button !== button) {
          button.setAttribute("aria-expanded", "false");
        }
      })
      .catch(function (error) {
        button.setAttribute("aria-expanded", "false");
        say(error === "ended" ? words.ended : words.failed, true);
      });
  }

  function read(answer) {
    var isJson = (answer.headers.get("Content-Type") || "").indexOf("application/json") === 0;
    if (answer.redirected || !isJson) {
      return Promise.reject(answer.redirected || answer.status === 404 || answer.status === 403 ? "ended" : "failed");
    }
    return answer.json();
  }

  function columnsOf(row) {
    var heads = Array.prototype.slice.call(row.closest("table").querySelectorAll("thead th"));
    return heads.map(function (head) {
      return (/(?:^| )col-(\S+)/.exec(head.className) || ["", ""])[1];
    }).join(",");
  }

  function take(option) {
    var button = open.button, row = button.closest("tr"), cell = button.closest("td");
    var choices = open.choices, sent = {};
    close(true);
    sent[choices.name] = option.value;
    if (choices.before === "value") {
      sent.before = cell.dataset.value;
    } else {
      sent.version = row.dataset.version;
      sent.seen = "0";
    }
    send(row, cell.dataset.edit, option.url, sent);
  }

  function send(row, edited, url, sent) {
    var headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
    var body = new URLSearchParams(sent);
    body.set("row", "1");
    body.set("columns", columnsOf(row));
    row.setAttribute("aria-busy", "true");
    fetch(url, { method: "POST", body: body, headers: headers })
      .then(read)
      .then(function (answer) {
        var fresh = renew(row, edited, answer.row);
        say(answer.words, answer.wrong, answer.undo && function () { undo(fresh, edited, answer.undo); });
      })
      .catch(function (error) {
        row.removeAttribute("aria-busy");
        say(error === "ended" ? words.ended : words.failed, true);
      });
  }

  function undo(row, edited, form) {
    var sent = { undo: "1" };
    sent[form.named] = form.before;
    sent[form.name] = form.value;
    // The list may have been reloaded meanwhile.
    var now = row.isConnected ? row : document.querySelector('[data-rows] tr[data-ticket="' + row.dataset.ticket + '"]');
    send(now || row, edited, form.url, sent);
  }

  function renew(row, edited, html) {
    var table = "<table><tbody>" + html + "</tbody></table>";
    var fresh = document.adoptNode(new DOMParser().parseFromString(table, "text/html").querySelector("tr"));
    var had = row.contains(document.activeElement), box = row.querySelector('input[name="ticket"]');
    if (!row.isConnected || fresh.cells.length !== row.cells.length) {
      return row;
    }
    if (box && fresh.querySelector('input[name="ticket"]')) {
      fresh.querySelector('input[name="ticket"]').replaceWith(box);
    }
    ["row-current", "row-left"].forEach(function (css) {
      fresh.classList.toggle(css, row.classList.contains(css));
    });
    row.replaceWith(fresh);
    upgrade(fresh);
    if (had || document.activeElement === document.body) {
      var button = fresh.querySelector('[data-edit="' + edited + '"] .cell-edit');
      (button || fresh.querySelector("[data-row-link]")).focus();
    }
    return fresh;
  }

  function link(text, act) {
    var button = make("button", "link-button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }

  function say(text, wrong, back) {
    var said = document.createElement("span");
    said.textContent = text;
    note.classList.toggle("list-note-wrong", wrong);
    note.replaceChildren(said);
    if (back) {
      note.append(link(words.undo, back));
    }
    note.append(link(words.close, function () { note.replaceChildren(); }));
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest(".cell-edit");
    if (button) {
      if (open && open.button === button) {
        close(true);
      } else {
        ask(button);
      }
    } else if (open && !open.box.contains(event.target)) {
      close(false);
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.isComposing || event.target.closest(TYPING)
        || document.documentElement.getAttribute("data-keys") === "off") {
      return;
    }
    var edited = Object.prototype.hasOwnProperty.call(KEYS, event.code) ? KEYS[event.code] : "";
    var button = edited && document.querySelector('[data-rows] .row-current [data-edit="' + edited + '"] .cell-edit');
    if (button) {
      event.preventDefault();
      button.focus();
      ask(button);
    }
  });
  ["scroll", "resize"].forEach(function (name) {
    window.addEventListener(name, function () {
      if (open) {
        placeAt(open.box, open.button.closest("td"));
      }
    }, { passive: true, capture: name === "scroll" });
  });
  document.addEventListener("rowchanged", function (event) { upgrade(event.target); });
  document.addEventListener("htmx:afterSettle", function () { upgrade(document); });
  upgrade(document);
})();
