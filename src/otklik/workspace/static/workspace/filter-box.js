// Text boxes for filters: Enter submits those with data-sends, Shift+Enter begins a line. Completions are offered below
// while typing; arrows select, Enter or Tab takes one, Escape closes. Without scripts they are plain text boxes.
(function () {
  "use strict";

  // The server counts code points, JavaScript UTF-16 units (emoji are two).
  function signs(text) {
    return Array.from(text).length;
  }

  function halves(text, count) {
    return Array.from(text).slice(0, count).join("").length;
  }

  function dress(box) {
    var list = document.getElementById(box.id + "-offers"), said = document.getElementById(box.id + "-offers-said");
    if (!list || box.getAttribute("role") === "combobox") {
      return;
    }
    var begin = 0, chosen = -1, timer = 0, asked = 0;

    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.setAttribute("aria-expanded", "false");

    function close() {
      asked += 1;
      window.clearTimeout(timer);
      list.hidden = true;
      list.replaceChildren();
      said.textContent = "";
      chosen = -1;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    }

    function choose(place) {
      chosen = place;
      Array.prototype.forEach.call(list.children, function (item, at) {
        item.setAttribute("aria-selected", at === place ? "true" : "false");
      });
      box.setAttribute("aria-activedescendant", list.children[place].id);
      list.children[place].scrollIntoView({ block: "nearest" });
    }

    function take(item) {
      var insert = item.dataset.insert;
      var blank = insert.slice(-1) === "(" ? "" : " ";
      box.setRangeText(insert + blank, begin, box.selectionStart, "end");
      close();
      box.focus();
      later(0);
    }

    function show(answer) {
      begin = halves(box.value, answer.begin);
      list.replaceChildren.apply(list, answer.options.map(function (option, at) {
        var item = document.createElement("li");
        item.id = list.id + "-" + at;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.dataset.insert = option.insert;
        item.textContent = option.label;
        return item;
      }));
      chosen = -1;
      box.removeAttribute("aria-activedescendant");
      list.hidden = answer.options.length === 0;
      said.textContent = list.hidden ? "" : said.dataset.words + " " + answer.options.length;
      box.setAttribute("aria-expanded", list.hidden ? "false" : "true");
    }

    function ask() {
      var mine = asked += 1;
      var query = new URLSearchParams({ jql: box.value, at: String(signs(box.value.slice(0, box.selectionStart))) });
      fetch(box.dataset.suggests + "?" + query, { headers: { Accept: "application/json" } })
        .then(function (answer) { return answer.ok ? answer.json() : { begin: 0, options: [] }; })
        .then(function (answer) {
          if (mine === asked && document.activeElement === box) {
            show(answer);
          }
        })
        .catch(close);
    }

    function later(milliseconds) {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, milliseconds);
    }

    if (box.dataset.wrongAt) {
      var wrongAt = halves(box.value, Number(box.dataset.wrongAt));
      var found = box.value.indexOf(box.dataset.wrongWord, wrongAt);
      box.setSelectionRange(wrongAt, found === wrongAt ? wrongAt + box.dataset.wrongWord.length : wrongAt);
    }
    box.addEventListener("input", function () { later(120); });
    box.addEventListener("blur", close);
    list.addEventListener("mousedown", function (event) {
      event.preventDefault();
      if (event.target.closest("[role=option]")) {
        take(event.target.closest("[role=option]"));
      }
    });
    box.addEventListener("keydown", function (event) {
      var count = list.hidden ? 0 : list.children.length;
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
        event.preventDefault();
        var step = event.key === "ArrowDown" ? 1 : -1;
        choose(chosen < 0 ? (step > 0 ? 0 : count - 1) : (chosen + step + count) % count);
      } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0 && !event.shiftKey) {
        event.preventDefault();
        take(list.children[chosen]);
      } else if (event.key === "Enter" && !event.shiftKey && box.hasAttribute("data-sends")) {
        event.preventDefault();
        close();
        box.form.requestSubmit();
      } else if (event.key === "Escape" && count) {
        event.preventDefault();
        close();
      }
    });
  }

  function dressAll(inside) {
    inside.querySelectorAll("textarea[data-suggests]").forEach(dress);
  }
  dressAll(document);
  document.addEventListener("htmx:load", function (event) { dressAll(event.target); });
})();
