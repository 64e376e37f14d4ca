// Chips of a filter: a chip's form opens below them (htmx) and closes by Escape, with the focus back on its chip; lists
// are filtered while typing, in either keyboard layout; the fields used most in this browser come first. Works without
// scripts.
(function () {
  "use strict";
  var fold = window.otklikTyped.folded, variants = window.otklikTyped.variants;
  var bar = document.getElementById("chips");
  var USED = "otklik.filter." + (bar ? bar.dataset.person : "");  // deleted together with the palette's usage counts
  var pressed = null;

  function sift(box) {
    var area = document.querySelector(box.dataset.sifts), wanted = variants(box.value), shown = 0;
    area.querySelectorAll("[data-sifted]").forEach(function (item) {
      var words = " " + fold(item.textContent.replace(/\s+/g, " "));
      var fits = wanted.some(function (one) { return words.indexOf(" " + one) >= 0; });
      item.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    area.querySelectorAll("h3").forEach(function (title) {
      title.hidden = !title.nextElementSibling.querySelector("[data-sifted]:not([hidden])");
    });
    area.querySelector("[data-nothing]").hidden = shown > 0;
  }

  function used() {
    try {
      return JSON.parse(window.localStorage.getItem(USED)) || {};
    } catch (_error) {
      return {};
    }
  }

  function remember(name) {
    var counts = used();
    counts[name] = (counts[name] || 0) + 1;
    try {
      window.localStorage.setItem(USED, JSON.stringify(counts));
    } catch (_error) {
      // Without localStorage the order stays.
    }
  }

  function sortByUse(inside) {
    var list = inside.querySelector("[data-by-use] ul"), counts = used();
    if (!list) {
      return;
    }
    var items = Array.prototype.slice.call(list.children);
    var count = function (item) { return counts[item.querySelector("[data-field]").value] || 0; };
    items.sort(function (one, other) { return count(other) - count(one); });
    list.append.apply(list, items);
  }

  function close() {
    var area = document.getElementById("chip-editor");
    if (!area || !area.querySelector("form")) {
      return false;
    }
    area.replaceChildren();
    if (area.open) {
      area.close();
    }
    document.querySelectorAll("[data-chip][aria-expanded=true]").forEach(function (button) {
      button.setAttribute("aria-expanded", "false");
    });
    if (pressed && pressed.isConnected) {
      pressed.focus();
    }
    return true;
  }

  function dress() {
    document.querySelectorAll("[data-chip]").forEach(function (button) {
      button.setAttribute("aria-expanded", "false");
      button.setAttribute("aria-controls", "chip-editor");
    });
  }
  dress();
  document.addEventListener("click", function (event) {
    var chip = event.target.closest("[data-chip]"), field = event.target.closest("[data-field]");
    if (chip) {
      pressed = chip;
    } else if (field) {
      remember(field.value);
    } else if (event.target.closest("[data-opens-text]")) {
      document.querySelectorAll("[data-remembers]").forEach(function (fold) { fold.open = true; });
      document.getElementById("id_jql").focus();
      event.preventDefault();
    } else if (event.target.closest("[data-chip-close]") && close()) {
      event.preventDefault();
    }
  });
  // Within the form of a queue: the text box gets the text of the chips, and a condition's form opens in a dialog.
  document.addEventListener("htmx:oobAfterSwap", function (event) {
    var chips = event.detail.target.id === "chips" ? document.getElementById("chips") : null;
    if (!chips) {
      return;
    }
    var box = document.getElementById("id_jql");
    if ("chosen" in chips.dataset) {  // else they reflect typed text, which may have changed since
      box.value = chips.dataset.text;
    }
    dress();
    pressed = chips.dataset.focus ? document.getElementById(chips.dataset.focus) : null;
  });
  document.addEventListener("close", function (event) {
    if (event.target.id === "chip-editor") {
      close();
    }
  }, true);
  document.addEventListener("htmx:afterSettle", function (event) {
    var area = event.target;
    if (area.id !== "chip-editor" || !area.showModal) {
      return;
    }
    if (area.querySelector("form") && !area.open) {
      area.showModal();
      begin(area);
    } else if (!area.querySelector("form") && area.open) {
      area.close();
    }
    if (!area.open && pressed && pressed.isConnected) {
      pressed.focus();
    }
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.target.id !== "chip-editor") {
      return;
    }
    document.querySelectorAll("[data-chip]").forEach(function (button) {
      button.setAttribute("aria-expanded", String(button === pressed));
    });
    begin(event.target);
  });
  begin(document.getElementById("chip-editor"));

  // A field shown only with scripts could not be focused before.
  function begin(area) {
    sortByUse(area);
    var form = area.querySelector("[data-chip-form]");
    var first = form && (form.querySelector("[data-first]") || form.querySelector("input:not([type=hidden]), button, a"));
    if (first) {
      first.focus();
    }
  }

  document.addEventListener("input", function (event) {
    if (event.target.matches("[data-sifts]")) {
      sift(event.target);
    } else if (event.target.matches("[data-of-way]")) {
      event.target.closest(".chip-way").querySelector("input[type=radio]").checked = true;
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && event.target.closest("[data-chip-form]") && !event.isComposing) {
      close();
    } else if (event.key === "Enter" && event.target.matches("[data-enter-finds]")) {
      event.preventDefault();
    } else if (event.key === "Enter" && event.target.matches("[data-sifts]")) {
      event.preventDefault();
      takeFirst(document.querySelector(event.target.dataset.sifts));
    }
  });

  function takeFirst(area) {
    var first = area.querySelector("[data-sifted]:not([hidden]) :is(button, input)");
    if (first) {
      first.click();
    }
  }

  document.querySelectorAll("[data-remembers]").forEach(function (fold) {
    // Not on "toggle", which is also fired for folds opened by the page.
    fold.querySelector("summary").addEventListener("click", function () {
      var secure = window.location.protocol === "https:" ? "; secure" : "";
      var value = fold.open ? "folded" : "open";
      document.cookie = fold.dataset.remembers + "=" + value + "; path=/; samesite=lax; max-age=31536000" + secure;
    });
  });
})();
