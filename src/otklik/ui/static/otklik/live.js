// A fresh fragment must not disturb who reads or fills in: folds that were opened stay open, and a field that was changed
// or holds the cursor stays as it is (the server knows nothing of either).
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

  // What saves itself shows what is saved, but for the time in which it has not been yet: a line that is being typed
  // stays, and so does what the page showed when that began, by which the server knows whether somebody was first.
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

// A link may lead to a message that is not on the page yet: the whole conversation is fetched then.
(function () {
  "use strict";

  function open() {
    var earlier = document.querySelector("[data-earlier]");
    if (earlier && /^#message-[0-9]+$/.test(window.location.hash) && !document.querySelector(window.location.hash)) {
      window.location.replace(earlier.href.split("#")[0] + window.location.hash);
    }
  }

  // Whoever asked by the keyboard goes on from where the button was, not from the top of the page.
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
