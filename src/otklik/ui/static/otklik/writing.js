// Formatting marks (read by ui/typed_text.py): the buttons of [data-md-for], Ctrl+B/I/E/K, arrow keys within the
// toolbar. Without this script the marks are typed by hand; for files see files.js. Ctrl+Enter submits.
(function () {
  "use strict";
  var AROUND = { bold: ["**", "**"], italic: ["_*", "*_"], code: ["``", "``"] };
  var BEFORE_LINES = { quote: "> ", list: "- ", numbers: "1. " };
  var KEYS = { KeyB: "bold", KeyI: "italic", KeyE: "code", KeyK: "link" };

  // insertText keeps the browser's undo; where it fails the value is set.
  function put(area, text, from, to) {
    area.focus();
    area.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, from, to, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  // A mark cannot span lines: each selected line gets its own, with blanks outside.
  function surround(area, mark) {
    var from = area.selectionStart;
    var chosen = area.value.slice(from, area.selectionEnd);
    var parts = /^(\s*)([^]*?)(\s*)$/.exec(chosen);
    var made = parts[2].split("\n").map(function (line) {
      return line.trim() || !parts[2] ? line.replace(/^(\s*)(.*?)(\s*)$/, function (all, before, words, after) {
        return before + mark[0] + words + mark[1] + after;
      }) : line;
    }).join("\n");
    put(area, parts[1] + made + parts[3], from, area.selectionEnd);
    from += parts[1].length;
    area.setSelectionRange(from + mark[0].length, from + made.length - mark[1].length);
  }

  // Code fences are on lines of their own.
  function fence(area) {
    var from = area.selectionStart;
    var to = area.selectionEnd;
    var before = from && area.value[from - 1] !== "\n" ? "\n" : "";
    var after = to < area.value.length && area.value[to] !== "\n" ? "\n" : "";
    var chosen = area.value.slice(from, to).replace(/\n$/, "");
    put(area, before + "```\n" + chosen + "\n```" + after, from, to);
    from += before.length + 4;
    area.setSelectionRange(from, from + chosen.length);
  }

  function prefix(area, mark) {
    var from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    var lines = area.value.slice(from, area.selectionEnd).split("\n");
    var made = lines.map(function (line, at) {
      return (mark === "1. " ? at + 1 + ". " : mark) + line;
    });
    put(area, made.join("\n"), from, area.selectionEnd);
  }

  function link(area) {
    var chosen = area.value.slice(area.selectionStart, area.selectionEnd);
    var isAddress = /^https?:\/\/\S+$/.test(chosen);
    var from = area.selectionStart;
    put(area, isAddress ? "[](" + chosen + ")" : "[" + chosen + "](https://)", from, area.selectionEnd);
    var place = isAddress ? from + 1 : from + chosen.length + 3 + "https://".length;
    area.setSelectionRange(place, place);
  }

  function act(name, area) {
    if (name === "code" && area.value.slice(area.selectionStart, area.selectionEnd).trim().indexOf("\n") >= 0) {
      fence(area);
    } else if (AROUND[name]) {
      surround(area, AROUND[name]);
    } else if (BEFORE_LINES[name]) {
      prefix(area, BEFORE_LINES[name]);
    } else if (name === "link") {
      link(area);
    } else if (name === "picture") {
      var input = area.form.querySelector('input[type="file"]');
      if (!input) {
        return;
      }
      input.setAttribute("data-inline-next", "");
      input.click();
    }
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-md]");
    if (button) {
      act(button.getAttribute("data-md"), document.getElementById(button.parentNode.getAttribute("data-md-for")));
    }
  });

  document.addEventListener("keydown", function (event) {
    var bar = event.target.closest(".md-bar");
    if (bar && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      var buttons = Array.prototype.slice.call(bar.querySelectorAll("button"));
      var step = event.key === "ArrowRight" ? 1 : buttons.length - 1;
      var next = buttons[(buttons.indexOf(event.target.closest("button")) + step) % buttons.length];
      buttons.forEach(function (one) {
        one.tabIndex = one === next ? 0 : -1;
      });
      next.focus();
      event.preventDefault();
    }
    var name = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.code];
    if (name && event.target.matches("textarea") && document.querySelector('[data-md-for="' + event.target.id + '"]')) {
      event.preventDefault();
      act(name, event.target);
    }
  });

  // Ctrl+Enter submits, like the form's own button.
  document.addEventListener("keydown", function (event) {
    var form = event.target.closest("form.composer, form[data-send-key]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  // A preview of a text that has changed since is removed.
  document.addEventListener("input", function (event) {
    var shown = event.target.matches("textarea") && document.getElementById(event.target.id + "-preview");
    if (shown) {
      shown.replaceChildren();
    }
  });

  window.otklikPut = put;
})();
