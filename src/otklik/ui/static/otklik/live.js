// A swapped fragment must not disturb reading or typing: opened folds stay open, and a changed or focused field keeps
// its value (the server knows of neither).
(function () {
  "use strict";

  function chosenAtFirst(select) {
    var at = Array.prototype.findIndex.call(select.options, function (option) {
      return option.defaultSelected;
    });
    return Math.max(at, 0);
  }

  function touched(field) {
    if (field.tagName === "SELECT") {
      return field.selectedIndex !== chosenAtFirst(field);
    }
    if (field.type === "checkbox" || field.type === "radio") {
      return field.checked !== field.defaultChecked;
    }
    return field.type !== "hidden" && field.value !== field.defaultValue;
  }

  function isTyped(field) {
    return field.tagName !== "SELECT" && field.name && touched(field);
  }

  // Autosaved fields show the saved value except while it is not saved: a line being typed stays, and so does the value
  // shown when typing began, by which the server detects concurrent changes.
  function stays(node) {
    if (!node.matches) {
      return false;
    }
    if (node.matches("[data-keep], [data-pending]")) {
      return true;
    }
    if (!node.matches("input, textarea, select")) {
      return false;
    }
    var saving = node.closest("form[data-autosave]");
    if (saving) {
      return isTyped(node) || (node.name === "before" && Array.prototype.some.call(saving.elements, isTyped));
    }
    return node === document.activeElement || touched(node);
  }

  if (window.Idiomorph) {
    window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = function (name, node) {
      return !(name === "open" && node.tagName === "DETAILS");
    };
    window.Idiomorph.defaults.callbacks.beforeNodeMorphed = function (node) {
      return !stays(node);
    };
  }
})();

// A link may refer to a message that is not loaded: then the whole conversation is fetched.
(function () {
  "use strict";

  function open() {
    var earlier = document.querySelector("[data-earlier]");
    if (earlier && /^#message-[0-9]+$/.test(window.location.hash) && !document.querySelector(window.location.hash)) {
      window.location.replace(earlier.href.split("#")[0] + window.location.hash);
    }
  }

  // After keyboard use the focus continues at the button's place, not at the top of the page.
  document.addEventListener("htmx:afterSettle", function (event) {
    var place = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (place && place.matches("[data-earlier]")) {
      var list = document.getElementById(event.detail.target.id);
      list.tabIndex = -1;
      list.focus({ preventScroll: true });
    }
  });

  window.addEventListener("hashchange", open);
  open();
})();
