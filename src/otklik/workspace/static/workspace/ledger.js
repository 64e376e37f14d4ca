// The mail ledger: one checkbox selects all.
(function () {
  "use strict";

  document.addEventListener("change", function (event) {
    if (!event.target.matches("[data-all]")) {
      return;
    }
    event.target.form.querySelectorAll('input[name="mail"]').forEach(function (box) {
      box.checked = event.target.checked;
    });
  });
})();
