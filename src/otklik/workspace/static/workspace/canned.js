// Canned answers in a composer of [data-canned]: "::" at the beginning of a word, or the button [data-canned-open], opens the
// list below the text; further letters narrow it, arrows choose, Enter or Tab inserts, Escape closes and leaves what was typed.
// Without this script the button leads to a page with all of them.
(function () {
  "use strict";
  var BEGUN = /(?:^|\s)::([^\n:]{0,100})$/, WAIT = 120;
  var open = null;

  function boxOf(element) {
    return element && element.matches && element.matches("[data-canned] textarea[name=comment]") ? element : null;
  }

  function settingsOf(box) {
    return box.closest("[data-canned]").dataset;
  }

  function typedIn(box) {
    var match = box.selectionStart === box.selectionEnd ? BEGUN.exec(box.value.slice(0, box.selectionStart)) : null;
    return match ? match[1] : null;
  }

  function part(css, text) {
    var span = document.createElement("span");
    span.className = css;
    span.textContent = text;
    return span;
  }

  function close() {
    if (!open) {
      return;
    }
    window.clearTimeout(open.timer);
    ["role", "aria-autocomplete", "aria-controls", "aria-expanded", "aria-activedescendant"].forEach(function (name) {
      open.box.removeAttribute(name);
    });
    open.list.remove();
    open.status.remove();
    open = null;
  }

  function begin(box) {
    close();
    var list = document.createElement("ul"), status = document.createElement("p");
    list.id = box.id + "-canned";
    list.className = "canned-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", settingsOf(box).cannedLabel);
    status.className = "canned-status";
    status.setAttribute("role", "status");
    box.after(list, status);
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    open = { box: box, list: list, status: status, choices: [], chosen: 0, asked: 0, timer: 0 };
    list.hidden = true;
    list.addEventListener("mousedown", function (event) {
      event.preventDefault();
      var item = event.target.closest("[role=option]");
      if (item) {
        take(Array.prototype.indexOf.call(list.children, item));
      }
    });
  }

  function choose(place) {
    open.chosen = place;
    Array.prototype.forEach.call(open.list.children, function (item, at) {
      item.setAttribute("aria-selected", at === place ? "true" : "false");
    });
    var item = open.list.children[place];
    if (item) {
      open.box.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else {
      open.box.removeAttribute("aria-activedescendant");
    }
  }

  function draw(choices) {
    open.choices = choices;
    open.list.replaceChildren.apply(open.list, choices.map(function (choice, at) {
      var item = document.createElement("li");
      item.id = open.list.id + "-" + at;
      item.setAttribute("role", "option");
      item.append(part("canned-name", choice.label), " ", part("canned-detail", choice.detail), " ", part("canned-begins", choice.begins));
      return item;
    }));
    open.list.hidden = choices.length === 0;
    open.box.setAttribute("aria-expanded", String(choices.length > 0));
    var words = settingsOf(open.box);
    open.status.textContent = choices.length ? words.cannedCount + " " + choices.length : words.cannedNone;
    open.status.classList.toggle("visually-hidden", choices.length > 0);
    choose(0);
  }

  function ask() {
    var mine = open, number = open.asked += 1;
    var query = new URLSearchParams({ q: typedIn(open.box) || "" });
    fetch(settingsOf(open.box).canned + "/choices?" + query, { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer); })
      .then(function (answer) {
        if (open === mine && mine.asked === number) {
          draw(answer.choices);
        }
      })
      .catch(function () { failed(mine); });
  }

  function failed(mine) {
    if (open === mine) {
      draw([]);
      mine.status.textContent = settingsOf(mine.box).cannedFailed;
    }
  }

  function take(place) {
    var mine = open, choice = open.choices[place], body = new URLSearchParams({ language: choice.language });
    body.append("csrfmiddlewaretoken", open.box.form.elements.csrfmiddlewaretoken.value);
    fetch(settingsOf(open.box).canned + "/" + choice.id, { method: "POST", body: body, headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer); })
      .then(function (answer) {
        if (open === mine) {
          put(mine.box, answer);
        }
      })
      .catch(function () { failed(mine); });
  }

  // The letters that called the list go; what has no value yet is chosen, to be typed over.
  function put(box, answer) {
    var typed = typedIn(box), to = box.selectionStart;
    var from = typed === null ? to : to - typed.length - 2;
    close();
    window.otklikPut(box, answer.text, from, to);
    var place = answer.unfilled.length ? box.value.indexOf(answer.unfilled[0], from) : -1;
    if (place >= 0) {
      box.setSelectionRange(place, place + answer.unfilled[0].length);
    }
  }

  document.addEventListener("input", function (event) {
    var box = boxOf(event.target);
    if (!box) {
      return;
    }
    if (typedIn(box) === null) {
      close();
      return;
    }
    if (!open || open.box !== box) {
      begin(box);
    }
    window.clearTimeout(open.timer);
    open.timer = window.setTimeout(ask, WAIT);
  });

  document.addEventListener("keydown", function (event) {
    if (!open || event.target !== open.box || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    var count = open.choices.length;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      choose((open.chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (count && !event.shiftKey && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      take(open.chosen);
    }
  }, true);

  document.addEventListener("focusout", function (event) {
    if (open && event.target === open.box) {
      close();
    }
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-canned-open]");
    var box = button && button.form.querySelector("textarea[name=comment]");
    if (box) {
      box.focus();
      if (typedIn(box) === null) {
        var at = box.selectionStart, before = at && !/\s/.test(box.value[at - 1]) ? " ::" : "::";
        window.otklikPut(box, before, at, box.selectionEnd);
      } else {
        box.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  });
})();
