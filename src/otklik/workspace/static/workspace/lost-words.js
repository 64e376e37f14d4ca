// What is typed on a settings page is kept in localStorage until it is submitted, so that a crash or a closed tab does
// not lose it. The next visit offers it in [data-lost-words]; nothing is filled in automatically, since the settings
// may have changed.
(() => {
  "use strict";
  const offer = document.querySelector("[data-lost-words]");
  const forms = [...document.querySelectorAll('form.panel-form[method="post"]')];
  if (!offer || !forms.length) return;
  const KEY = `otklik.settings ${offer.dataset.lostWords} ${location.pathname}${location.search}`;
  const FOR_DAYS = 30;
  const isSkipped = (name) => name === "csrfmiddlewaretoken" || name === "nonce";

  function fieldsOf(form) {
    const secret = new Set([...form.querySelectorAll('input[type="password"]')].map((input) => input.name));
    return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !isSkipped(name) && !secret.has(name));
  }

  function found() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      return kept && Date.now() < kept.until ? kept.forms : [];
    } catch { return []; }
  }

  function forget() {
    try { localStorage.removeItem(KEY); } catch { /* Storage is off. */ }
  }

  const shown = forms.map((form) => JSON.stringify(fieldsOf(form)));
  const isRefused = (form) => form.querySelector('[aria-invalid="true"]') !== null;
  let lost = found().map((fields, at) => (fields && shown[at] !== undefined && JSON.stringify(fields) !== shown[at] ? fields : null));

  function keep() {
    const typed = forms.map((form, at) => {
      const now = fieldsOf(form);
      return JSON.stringify(now) !== shown[at] || isRefused(form) ? now : lost[at] || null;
    });
    try {
      if (typed.some(Boolean)) localStorage.setItem(KEY, JSON.stringify({ until: Date.now() + FOR_DAYS * 86400000, forms: typed }));
      else localStorage.removeItem(KEY);
    } catch { /* No room, or storage is off: the question before leaving has to do. */ }
  }

  function fill(form, fields) {
    for (const input of form.elements) {
      if (!input.name || isSkipped(input.name) || input.tagName === "BUTTON" || input.type === "file" || input.type === "password") continue;
      const values = fields.filter(([name]) => name === input.name).map(([, value]) => value);
      if (input.type === "checkbox" || input.type === "radio") input.checked = values.includes(input.value);
      else if (input.type === "select-multiple") for (const option of input.options) option.selected = values.includes(option.value);
      else if (values.length) input.value = values[0];
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  let timer = 0;
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      if (!event.target.closest || !forms.includes(event.target.closest("form"))) return;
      clearTimeout(timer);
      timer = setTimeout(keep, 200);
    });
  }
  document.addEventListener("submit", (event) => {
    const at = forms.indexOf(event.target);
    const isAside = event.submitter && (event.submitter.hasAttribute("formtarget") || event.submitter.hasAttribute("formaction"));
    if (at < 0 || event.defaultPrevented || isAside) return;
    clearTimeout(timer);
    forget();
  });
  offer.addEventListener("click", (event) => {
    const button = event.target.closest("[data-lost]");
    if (!button) return;
    const kept = lost;
    lost = [];
    if (button.dataset.lost === "back") kept.forEach((fields, at) => { if (fields) fill(forms[at], fields); });
    else keep();
    offer.hidden = true;
  });

  if (lost.some(Boolean)) offer.hidden = false;
  else forget();
  if (forms.some(isRefused)) keep();
})();
