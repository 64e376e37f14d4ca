// Stands before the composers of a page and runs before they can be used: drafts.js brings the words that only this
// browser has, and comes later. Until then a composer that is sent waits, and what is typed is noted.
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
    // drafts.js gives a button that took the composer's words along back to the form it stands in.
    const pressed = submitter && submitter.isConnected && submitter.form ? submitter : undefined;
    (pressed ? pressed.form : form).requestSubmit(pressed);
  }

  window.addEventListener("submit", hold, true);
  document.addEventListener("input", note, true);
  // A script that never comes must not stop anybody for ever.
  window.addEventListener("load", () => setTimeout(release));
  setTimeout(release, GIVE_UP);
  window.otklikHold = { typed, release };
})();
