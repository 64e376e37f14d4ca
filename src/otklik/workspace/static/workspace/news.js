// Updates an open ticket page while the agent may be writing: nothing moves under the cursor, and the forms' `seen`
// changes only once the agent has looked at what others did.
(function () {
  "use strict";
  var box = document.getElementById("composer");
  var stood = null;

  function hold() {
    if (stood !== null) {
      window.scrollBy({ top: box.getBoundingClientRect().top - stood, behavior: "instant" });
    }
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.target.id === "ticket-news") {
      stood = box.contains(document.activeElement) ? box.getBoundingClientRect().top : null;
    }
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.target.id === "ticket-news") {
      hold();
      // The browser scrolls as well, a moment later.
      window.requestAnimationFrame(function () {
        hold();
        stood = null;
      });
    }
  });

  document.addEventListener("click", function (event) {
    var looked = event.target.closest("[data-seen]");
    if (looked) {
      ["seen", "version"].forEach(function (name) {
        box.querySelectorAll('input[name="' + name + '"]').forEach(function (field) {
          field.value = looked.getAttribute("data-" + name);
        });
      });
    }
  });
})();
