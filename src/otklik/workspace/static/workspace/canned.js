// Lists below the text in a composer of [data-canned]: "::" at the beginning of a word, or the button [data-canned-open], opens
// the canned answers, "@" the colleagues, "#" or "№" and letters the requests. Further letters narrow the list, arrows choose,
// Enter or Tab inserts, Escape closes and leaves what was typed. Without this script the button leads to a page with all
// canned answers; names and numbers are typed in full.
(function () {
  "use strict";
  var WAIT = 120;
  // `lead`: the length of the sign; `isQuiet`: what finds nothing is just text.
  var KINDS = [
    { begun: /(?:^|\s)::([^\n:]{0,100})$/, lead: 2, label: "cannedLabel", choices: answers },
    { begun: /(?:^|[\s(])@([^\n@]{0,60})$/, lead: 1, label: "colleaguesLabel", choices: colleagues, isQuiet: true },
    { begun: /(?:^|[\s(])[#№]([^\s#№][^\n#№]{0,60})$/, lead: 1, label: "requestsLabel", choices: requests, isQuiet: true }
  ];
  var open = null;

  function boxOf(element) {
    return element && element.matches && element.matches("[data-canned] textarea[name=comment]") ? element : null;
  }

  function settingsOf(box) {
    return box.closest("[data-canned]").dataset;
  }

  function typedIn(box, kind) {
    // No list asks for more than the last words, and the text may be long.
    var from = Math.max(0, box.selectionStart - 120);
    var match = box.selectionStart === box.selectionEnd ? kind.begun.exec(box.value.slice(from, box.selectionStart)) : null;
    return match ? match[1] : null;
  }

  function kindIn(box) {
    return KINDS.find(function (kind) {
      return typedIn(box, kind) !== null;
    });
  }

  function asJson(answer) {
    return answer.ok ? answer.json() : Promise.reject(answer);
  }

  function found(path, typed) {
    return fetch(path + "?" + new URLSearchParams({ q: typed }), { headers: { Accept: "application/json" } })
      .then(asJson).then(function (answer) { return answer.choices; });
  }

  function answers(box, typed) {
    return found(settingsOf(box).canned + "/choices", typed);
  }

  function requests(box, typed) {
    return found(settingsOf(box).requests, typed);
  }

  // Those to whom the request can be assigned: the page has them already.
  function colleagues(box, typed) {
    var folded = window.otklikTyped.folded, wanted = window.otklikTyped.variants(typed);
    var names = Array.prototype.filter.call(document.querySelectorAll("#assignee option"), function (option) {
      return option.value;
    }).map(function (option) { return option.textContent.trim(); });
    var fits = names.filter(function (name) {
      var words = folded(name).split(/\s+/), whole = folded(name);
      return wanted.some(function (begun) {
        return whole.startsWith(begun) || words.some(function (word) { return word.startsWith(begun); });
      });
    });
    var isDone = /\s$/.test(typed) && names.some(function (name) { return folded(name) === folded(typed); });
    return Promise.resolve(isDone ? [] : fits.slice(0, 8).map(function (name) {
      return { label: name, detail: "", begins: "", text: "@" + name + " " };
    }));
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

  function begin(box, kind) {
    close();
    var list = document.createElement("ul"), status = document.createElement("p");
    list.id = box.id + "-canned";
    list.className = "canned-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", settingsOf(box)[kind.label]);
    status.className = "canned-status";
    status.setAttribute("role", "status");
    box.after(list, status);
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    open = { box: box, kind: kind, list: list, status: status, choices: [], chosen: 0, asked: 0, timer: 0 };
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
    mine.kind.choices(mine.box, typedIn(mine.box, mine.kind) || "")
      .then(function (choices) {
        if (open !== mine || mine.asked !== number) {
          return;
        }
        if (choices.length || !mine.kind.isQuiet) {
          draw(choices);
        } else {
          mine.list.hidden = true;
          draw([]);
          mine.status.textContent = "";
        }
      })
      .catch(function () { failed(mine); });
  }

  function failed(mine) {
    if (open === mine && mine.kind.isQuiet) {
      close();
    } else if (open === mine) {
      draw([]);
      mine.status.textContent = settingsOf(mine.box).cannedFailed;
    }
  }

  function take(place) {
    var mine = open, choice = open.choices[place];
    if (choice.text !== undefined) {
      put(mine.box, mine.kind, { text: choice.text, unfilled: [] });
      return;
    }
    var body = new URLSearchParams({ language: choice.language });
    body.append("csrfmiddlewaretoken", open.box.form.elements.csrfmiddlewaretoken.value);
    fetch(settingsOf(open.box).canned + "/" + choice.id, { method: "POST", body: body, headers: { Accept: "application/json" } })
      .then(asJson)
      .then(function (answer) {
        if (open === mine) {
          put(mine.box, mine.kind, answer);
        }
      })
      .catch(function () { failed(mine); });
  }

  // The letters that called the list go; what has no value yet is chosen, to be typed over.
  function put(box, kind, answer) {
    var typed = typedIn(box, kind), to = box.selectionStart;
    var from = typed === null ? to : to - typed.length - kind.lead;
    close();
    window.otklikPut(box, answer.text, from, to);
    if (answer.files && answer.files.length) {
      window.otklikAttach(box.form, answer.files);
    }
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
    var kind = kindIn(box);
    if (!kind) {
      close();
      return;
    }
    if (!open || open.box !== box || open.kind !== kind) {
      begin(box, kind);
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
      if (typedIn(box, KINDS[0]) === null) {
        var at = box.selectionStart, before = at && !/\s/.test(box.value[at - 1]) ? " ::" : "::";
        window.otklikPut(box, before, at, box.selectionEnd);
      } else {
        box.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  });
})();
