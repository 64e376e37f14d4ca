// The palette: Ctrl-K or Cmd-K by physical key, or a [data-palette-open] button. Links of the page (desks, queues,
// settings, menu) and actions on the open item ([data-acts]: buttons, links, fields) are found without the network;
// tickets by number, people and further settings are requested once something is typed. Labels that begin with the
// typed text come first, then the most used ones: the counts are kept in localStorage until the person logs out or
// another person logs in.
(function () {
  "use strict";
  var dialog = document.getElementById("palette");
  if (!dialog || dialog.dataset.ready) {
    return;
  }
  dialog.dataset.ready = "1";
  var box = document.getElementById("palette-typed"), list = document.getElementById("palette-list");
  var status = dialog.querySelector("[data-palette-status]");
  var RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю", LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.";
  var KEPT_UNDER = /^otklik\.(palette|filter)\./, MINE = new RegExp("\\." + dialog.dataset.person + "$");
  var USED = "otklik.palette." + dialog.dataset.person;
  var MOST = 30, WAIT = 150, KEPT = 200;
  var known = [], found = [], shown = [], chosen = 0, moved = false, timer = 0, asking = null;

  function fold(text) {
    return text.trim().toLowerCase().replace(/ё/g, "е").replace(/\s+/g, " ");
  }

  function swapped(text, from, to) {
    return Array.prototype.map.call(text, function (sign) {
      var at = from.indexOf(sign);
      return at < 0 ? sign : to[at];
    }).join("");
  }

  function variants(text) {
    var lower = text.trim().toLowerCase();
    return [lower, swapped(lower, LATIN, RUSSIAN), swapped(lower, RUSSIAN, LATIN)].map(fold);
  }

  function used() {
    try {
      return JSON.parse(window.localStorage.getItem(USED)) || {};
    } catch (_error) {
      return {};
    }
  }

  function remember(entry) {
    var counts = used();
    counts[entry.id] = (counts[entry.id] || 0) + 1;
    var names = Object.keys(counts);
    if (names.length > KEPT) {
      names.sort(function (one, other) { return counts[one] - counts[other]; });
      delete counts[names[0] === entry.id ? names[1] : names[0]];
    }
    try {
      window.localStorage.setItem(USED, JSON.stringify(counts));
    } catch (_error) {
      // Without localStorage the order stays.
    }
  }

  // Stored usage, which may contain people's addresses, must not be visible to another person.
  function forgetHabits(whose) {
    try {
      Object.keys(window.localStorage).filter(function (key) { return KEPT_UNDER.test(key) && whose(key); })
        .forEach(function (key) { window.localStorage.removeItem(key); });
    } catch (_error) {
      // No localStorage.
    }
  }
  forgetHabits(function (key) { return !MINE.test(key); });

  function nameOf(element) {
    if (element.getAttribute("aria-label")) {
      return element.getAttribute("aria-label").trim();
    }
    var copy = element.cloneNode(true);
    copy.querySelectorAll("kbd, svg, [aria-hidden=true], select, input, .ws-count").forEach(function (part) { part.remove(); });
    return copy.textContent.replace(/\s+/g, " ").trim() || (element.getAttribute("title") || "").trim();
  }

  function isSeen(element) {
    return !element.disabled && element.getClientRects().length > 0
      && (!element.checkVisibility || element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }));
  }

  // The page's actions: transitions ([data-acts-first]), other buttons and links, then fields to focus.
  function acts() {
    var byName = new Map();
    document.querySelectorAll("[data-acts]").forEach(function (area) {
      area.querySelectorAll("button, a[href].btn, a[href].icon-link, a[href].fact-change, summary, label[for], label.composer-mode")
        .forEach(function (element) {
          var label = nameOf(element);
          if (!label || !isSeen(element) || element.closest("[role=toolbar], [data-no-act], dialog") || element.closest(".file-button")) {
            return;
          }
          var section = element.closest("section[aria-label], [data-acts][aria-label]");
          var detail = section ? section.getAttribute("aria-label") : "";
          byName.delete(label);
          byName.set(label, { id: "act " + label, turn: fieldOf(element) ? 2 : element.closest("[data-acts-first]") ? 0 : 1, kind: dialog.dataset.actsName, label: label, detail: detail === label ? "" : detail,
                              run: function () { act(element); } });
        });
    });
    return Array.from(byName.values()).sort(function (one, other) { return one.turn - other.turn; });
  }

  // Returns the field of a label; null for those that clicking the label operates.
  function fieldOf(element) {
    var field = element.matches("label[for]") ? document.getElementById(element.getAttribute("for")) : null;
    return field && !/^(radio|checkbox|file)$/.test(field.type) ? field : null;
  }

  function act(element) {
    var field = fieldOf(element);
    if (field) {
      field.focus();
      field.scrollIntoView({ block: "center" });
      return;
    }
    if (element.matches("button, a, summary")) {
      element.focus();
    }
    element.click();
  }

  function link(kind, label, detail, url) {
    return { id: "go " + url.replace(window.location.origin, ""), kind: kind, label: label, detail: detail, url: url };
  }

  function links() {
    var words = dialog.dataset, entries = [];
    document.querySelectorAll("#sidebar a[href]").forEach(function (anchor) {
      var section = anchor.closest("section"), desk = section && section.querySelector(".ws-desk-name");
      var name = anchor.querySelector(".ws-queue-name");
      var detail = desk ? desk.textContent.replace(/\s+/g, " ").trim() : "";
      if (desk && !section.dataset.inPalette) {
        section.dataset.inPalette = "1";
        entries.push(link(words.desk, detail, "", anchor.href));
      }
      entries.push(link(desk ? words.queue : words.page, nameOf(name || anchor), detail, anchor.href));
    });
    document.querySelectorAll("#sidebar section").forEach(function (section) { delete section.dataset.inPalette; });
    document.querySelectorAll(".ws-header > a[href], .menu-panel a.menu-item, .settings-tabs a[href]").forEach(function (anchor) {
      entries.push(link(words.page, nameOf(anchor), "", anchor.href));
    });
    return entries;
  }

  function fits(entry, wanted) {
    var words = fold(entry.label + " " + entry.detail + " " + entry.kind).split(/[\s·«»"()/-]+/);
    return wanted.split(" ").every(function (part) {
      return words.some(function (word) { return word.indexOf(part) === 0; });
    });
  }

  function rank(entries, typed) {
    var counts = used(), wanted = variants(typed);
    var kept = typed.trim() ? entries.filter(function (entry) {
      return entry.found || wanted.some(function (one) { return one && fits(entry, one); });
    }) : entries;
    var begins = function (entry) {
      return typed.trim() && wanted.some(function (one) { return fold(entry.label).indexOf(one) === 0; }) ? 1 : 0;
    };
    return kept.map(function (entry, place) { return { entry: entry, place: place }; }).sort(function (one, other) {
      return begins(other.entry) - begins(one.entry) || (counts[other.entry.id] || 0) - (counts[one.entry.id] || 0)
        || one.place - other.place;
    }).map(function (item) { return item.entry; }).slice(0, MOST);
  }

  function part(css, text) {
    var span = document.createElement("span");
    span.className = css;
    span.textContent = text;
    return span;
  }

  function draw(keep) {
    var typed = box.value, before = keep && moved && shown[chosen] ? shown[chosen].id : "", ids = new Set();
    shown = rank(found.concat(known), typed).filter(function (entry) {
      var isNew = !ids.has(entry.id);
      ids.add(entry.id);
      return isNew;
    });
    if (typed.trim()) {
      var query = dialog.dataset.search + "?" + new URLSearchParams({ q: typed.trim() });
      shown.push({ id: "find", kind: dialog.dataset.find, label: typed.trim(), detail: "", url: query });
    }
    list.replaceChildren.apply(list, shown.map(function (entry, at) {
      var item = document.createElement("li");
      item.id = "palette-" + at;
      item.setAttribute("role", "option");
      item.append(part("palette-label", entry.label), " ", part("palette-detail", entry.detail), " ", part("palette-kind", entry.kind));
      return item;
    }));
    box.setAttribute("aria-expanded", String(shown.length > 0));
    // An entry selected by arrow keys stays selected when more are found; otherwise the first is.
    var place = before ? shown.findIndex(function (entry) { return entry.id === before; }) : 0;
    choose(place < 0 ? 0 : place);
    status.textContent = shown.length ? dialog.dataset.count + " " + shown.length : dialog.dataset.none;
  }

  function choose(place) {
    chosen = place;
    Array.prototype.forEach.call(list.children, function (item, at) {
      item.setAttribute("aria-selected", at === place ? "true" : "false");
    });
    var item = list.children[place];
    if (item) {
      box.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  }

  function run(entry) {
    remember(entry);
    dialog.close();
    if (entry.run) {
      entry.run();
    } else {
      window.location.assign(entry.url);
    }
  }

  function forget() {
    window.clearTimeout(timer);
    if (asking) {
      asking.abort();
      asking = null;
    }
  }

  function ask() {
    var typed = box.value.trim(), mine = asking = new AbortController();
    fetch(dialog.dataset.url + "?" + new URLSearchParams({ q: typed }), { signal: mine.signal, headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : { goals: [] }; })
      .then(function (answer) {
        if (asking === mine) {
          found = answer.goals.map(function (goal) {
            var entry = link(goal.kind, goal.label, goal.detail, goal.url);
            entry.found = true;
            return entry;
          });
          draw(true);
        }
      })
      .catch(function () {
        // Without the network the page's own entries stay.
      });
  }

  function open() {
    if (dialog.open || document.querySelector("dialog[open]")) {
      return;
    }
    known = acts().concat(links());
    found = [];
    box.value = "";
    dialog.showModal();
    box.focus();
    draw(false);
  }

  document.addEventListener("keydown", function (event) {
    var isKey = event.code === "KeyK" || event.key === "k" || event.key === "K";
    if (!isKey || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.defaultPrevented || event.isComposing) {
      return;
    }
    event.preventDefault();
    if (dialog.open) {
      dialog.close();
    } else {
      open();
    }
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-palette-open]")) {
      open();
    } else if (event.target === dialog) {
      dialog.close();
    }
  });
  document.addEventListener("submit", function (event) {
    if (/\/user\/logout$/.test(event.target.getAttribute("action") || "")) {
      forgetHabits(function () { return true; });
    }
  });
  dialog.addEventListener("close", forget);
  box.addEventListener("input", function () {
    forget();
    found = [];
    moved = false;
    draw(false);
    if (box.value.trim()) {
      timer = window.setTimeout(ask, WAIT);
    }
  });
  box.addEventListener("keydown", function (event) {
    if (event.isComposing || !shown.length) {
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      moved = true;
      choose((chosen + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(shown[chosen]);
    }
  });
  list.addEventListener("mousedown", function (event) { event.preventDefault(); });
  list.addEventListener("click", function (event) {
    var item = event.target.closest("[role=option]");
    if (item) {
      run(shown[Array.prototype.indexOf.call(list.children, item)]);
    }
  });
})();
