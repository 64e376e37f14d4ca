// Loaded before the composers of a page, to run before they can be used: drafts.js, which restores texts from
// localStorage, is loaded later. Until then submitting a composer is delayed, and what is typed is noted.
(() => {
  "use strict";
  if (window.otklikHold) return;
  const GIVE_UP = 30000;
  const typed = new Set();
  let sent = null;

  function hold(event) {
    if (!event.target.matches("form[data-draft]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    sent = { form: event.target, submitter: event.submitter };
  }

  const note = (event) => typed.add(event.target);

  function release() {
    window.removeEventListener("submit", hold, true);
    document.removeEventListener("input", note, true);
    if (!sent || !sent.form.isConnected) return;
    const { form, submitter } = sent;
    sent = null;
    // drafts.js returns a button that submits a composer's text to the form around it.
    const pressed = submitter && submitter.isConnected && submitter.form ? submitter : undefined;
    (pressed ? pressed.form : form).requestSubmit(pressed);
  }

  window.addEventListener("submit", hold, true);
  document.addEventListener("input", note, true);
  // If drafts.js never loads, nothing must stay blocked.
  window.addEventListener("load", () => setTimeout(release));
  setTimeout(release, GIVE_UP);
  window.otklikHold = { typed, release };
})();
