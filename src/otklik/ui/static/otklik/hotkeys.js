// [data-hotkey="KeyC"] is focused (fields, [data-hotkey-focus]) or clicked (links, buttons) by that physical key: the same in the Russian
// and the English layout. Never while something is being typed. «?» opens the list of keys, [data-keys-list]. Users of
// speech input or with a tremor can switch them off in the menu (WCAG 2.1.4); data-keys="off" on <html> tells all
// scripts so.
(function () {
  "use strict";
  var TYPING = "input, textarea, select, [contenteditable], dialog";
  var RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю", LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.";

  function folded(text) {
    return text.trim().toLowerCase().replace(/ё/g, "е");
  }

  function swapped(text, from, to) {
    return Array.prototype.map.call(text, function (sign) {
      var at = from.indexOf(sign);
      return at < 0 ? sign : to[at];
    }).join("");
  }

  // For page scripts: `variants` returns what was typed, and what the same keys type in the other layout.
  window.otklikTyped = {
    folded: folded,
    variants: function (text) {
      var lower = text.trim().toLowerCase();
      return [lower, swapped(lower, LATIN, RUSSIAN), swapped(lower, RUSSIAN, LATIN)].map(folded);
    }
  };

  var root = document.documentElement;

  function show(keys) {
    root.setAttribute("data-keys", keys);
    document.querySelectorAll("[data-keys-set]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-keys-set") === keys));
    });
  }

  show(/(^|; )otklik_keys=off/.test(document.cookie) ? "off" : "on");
  document.addEventListener("click", function (event) {
    var list = event.target.closest("[data-keys-show]") && document.querySelector("[data-keys-list]");
    if (list) {
      list.showModal();
    }
    var button = event.target.closest("[data-keys-set]");
    if (button) {
      var keys = button.getAttribute("data-keys-set");
      var secure = window.location.protocol === "https:" ? "; secure" : "";
      document.cookie = "otklik_keys=" + keys + "; path=/; samesite=lax; max-age=" + (keys === "off" ? 31536000 : 0) + secure;
      show(keys);
    }
  });

  document.addEventListener("keydown", function (event) {
    if (root.getAttribute("data-keys") === "off") {
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.target.closest(TYPING)) {
      return;
    }
    var list = event.key === "?" ? document.querySelector("[data-keys-list]") : null;
    if (list) {
      event.preventDefault();
      list.showModal();
      return;
    }
    var code = (event.shiftKey ? "Shift+" : "") + event.code;
    var target = document.querySelector('[data-hotkey="' + code + '"]');
    if (!target || target.offsetParent === null) {
      return;
    }
    event.preventDefault();
    if (target.matches("input, textarea, select, [data-hotkey-focus]")) {
      target.focus();
    } else {
      target.click();
    }
  });
})();
