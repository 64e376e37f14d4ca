// Saves what is typed into form[data-draft]: on the server a moment after the last key, when the field or the page is
// left, and before any other form of the page is submitted; in localStorage until the server has it. data-draft="a
// name" is a form of an anonymous visitor: only localStorage is used. The fields that the server needs are in
// otklik/_draft.html.
(() => {
  "use strict";
  const ADDRESS = "/servicedesk/customer/user/drafts", LOGIN = "/servicedesk/customer/user/login";
  const WAIT = 1200, AGAIN = 10000, HURRY = 5000, WHILE_LEAVING = 60000;
  const FOR_DAYS = 30, WHILE_LOADING = 60000;
  const OF_THE_PAGE = ["csrfmiddlewaretoken", "nonce", "version", "seen"];
  const HOLD = window.otklikHold || { typed: new Set(), release: () => {} };
  const boxes = new Map();
  let passing = null, hasBegun = false;

  const hidden = (form, name) => form.elements[`draft.${name}`];
  const valueOf = (form, name) => (hidden(form, name) ? hidden(form, name).value : "");
  const isDirty = (box) => box.stamp > box.kept;
  const isLocal = (form) => !hidden(form, "place");

  // Copies in localStorage.
  const keyOf = (form) => `otklik.draft ${valueOf(form, "owner")} ${isLocal(form) ? form.dataset.draft : valueOf(form, "place")}`;

  function fieldsOf(form) {
    const skipped = (name) => OF_THE_PAGE.includes(name) || name.startsWith("draft.");
    return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !skipped(name));
  }

  function copy(box, isKept) {
    clearTimeout(box.copying);
    const form = box.form, known = { writer: valueOf(form, "writer"), base: valueOf(form, "base"), stamp: box.stamp };
    const until = Date.now() + (isKept ? WHILE_LOADING : FOR_DAYS * 86400000);
    try {
      localStorage.setItem(keyOf(form), JSON.stringify({ until, ...known, fields: fieldsOf(form) }));
    } catch { /* No room, or storage is off: the server has to do. */ }
  }

  const lasts = (found) => found && Date.now() < found.until;

  function copied(form) {
    try {
      const found = JSON.parse(localStorage.getItem(keyOf(form)));
      return lasts(found) ? found : null;
    } catch { return null; }
  }

  function forget(form) {
    try { localStorage.removeItem(keyOf(form)); } catch { /* As above. */ }
  }

  function forgetOld() {
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith("otklik.draft ")) continue;
        if (!lasts(JSON.parse(localStorage.getItem(key)))) localStorage.removeItem(key);
      }
    } catch { /* As above. */ }
  }

  // Copies on the server.
  function body(form, fields) {
    const sent = new FormData(form);
    for (const input of form.querySelectorAll("input[type=file]")) sent.delete(input.name);
    if (fields) {
      for (const name of new Set([...sent.keys()])) if (!name.startsWith("draft.") && name !== "csrfmiddlewaretoken") sent.delete(name);
      for (const [name, value] of fields) sent.append(name, value);
    }
    return sent;
  }

  function send(data, leaving) {
    return fetch(ADDRESS, { method: "POST", body: data, headers: { "X-Draft": "1" }, keepalive: leaving });
  }

  function stateOf(form) { return form.querySelector("[data-draft-state]"); }

  function say(form, words, link, address) {
    const line = document.createElement("span"), more = document.createElement("a");
    line.textContent = words;
    more.textContent = link || "";
    more.href = address || "";
    // Replacing the link while it is being clicked would lose the click.
    if (link && stateOf(form).textContent === words + link) return;
    stateOf(form).replaceChildren(line, ...(link ? [more] : []));
  }

  const wordsOf = (form) => form.querySelector("[data-draft-part]").dataset;

  async function answered(box, stamp, answer) {
    const form = box.form;
    if (answer.status === 401) {
      say(form, wordsOf(form).loggedOut, wordsOf(form).logIn, `${LOGIN}?next=${encodeURIComponent(valueOf(form, "page"))}`);
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    box.kept = Math.max(box.kept, stamp);
    hidden(form, "base").value = answer.headers.get("X-Draft-Version");
    window.htmx.swap(stateOf(form), await answer.text(), { swapStyle: "innerHTML" });
    if (!isDirty(box)) settle(box);
  }

  // The draft is saved, but the page that is loading now may have been rendered before.
  function settle(box) {
    if (!copied(box.form)) return;
    copy(box, true);
    const stamp = box.stamp;
    setTimeout(() => { if (box.stamp === stamp && !isDirty(box)) forget(box.form); }, WHILE_LOADING);
  }

  async function once(box, leaving) {
    const stamp = box.stamp;
    let answer = await send(body(box.form), leaving);
    if (answer.status === 403 && !leaving && (await look())) answer = await send(body(box.form), leaving);
    await answered(box, stamp, answer);
  }

  // One request at a time, so that an older text never overwrites a newer one.
  function keep(box, leaving) {
    clearTimeout(box.timer);
    if (leaving && isDirty(box)) copy(box);
    if (!isDirty(box) || isLocal(box.form)) return box.saving;
    if (leaving) {
      if (JSON.stringify(fieldsOf(box.form)).length < WHILE_LEAVING / 3) once(box, true).catch(() => {});
      return box.saving;
    }
    box.saving = box.saving.then(() => (isDirty(box) && !box.sending ? once(box, false) : null)).catch((error) => {
      say(box.form, box.isLost ? wordsOf(box.form).unsent : wordsOf(box.form).offline);
      // The server would refuse it again.
      if (!/^4/.test(error.message)) box.timer = setTimeout(() => keep(box), AGAIN);
    });
    return box.saving;
  }

  // Fetches the state of the drafts and fresh hidden fields for the forms: the person may have logged in again in
  // another window.
  async function look() {
    const places = [...boxes.keys()].filter((form) => !isLocal(form)).map((form) => `place=${encodeURIComponent(valueOf(form, "place"))}`);
    if (!places.length) return false;
    try {
      const answer = await fetch(`${ADDRESS}?${places.join("&")}`, { headers: { "X-Draft": "1", "HX-Request": "true" } });
      if (answer.status === 401) {
        for (const box of boxes.values()) if (!isLocal(box.form) && !box.sending) await answered(box, 0, answer);
      }
      if (!answer.ok) return false;
      const { csrf, drafts } = await answer.json();
      for (const token of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) token.value = csrf;
      if (document.body.hasAttribute("hx-headers")) document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": csrf }));
      for (const form of boxes.keys()) {
        const there = drafts[valueOf(form, "place")];
        if (!there || there.writer === valueOf(form, "writer") || there.version <= Number(valueOf(form, "base"))) continue;
        say(form, wordsOf(form).elsewhere, wordsOf(form).show, valueOf(form, "page"));
      }
      return true;
    } catch { return false; }
  }

  // Restores a text that only this browser has, after a crash, a lost connection or an expired session. What was typed
  // while the page was loading stays.
  function fill(form, fields) {
    for (const input of form.elements) {
      if (HOLD.typed.has(input) || !input.name || input.type === "file" || input.name.startsWith("draft.") || OF_THE_PAGE.includes(input.name)) continue;
      const values = fields.filter(([name]) => name === input.name).map(([, value]) => value);
      if (input.type === "checkbox" || input.type === "radio") {
        if (!input.name.endsWith(".kept")) input.checked = values.includes(input.value);
      } else if (input.type === "select-multiple") {
        for (const option of input.options) option.selected = values.includes(option.value);
      } else if (values.length && input.tagName !== "BUTTON") input.value = values[0];
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function missesFiles(form, fields) {
    const there = new Set([...form.querySelectorAll("[data-kept] input")].map((box) => box.value));
    return fields.some(([name, value]) => name.endsWith(".kept") && !there.has(value));
  }

  function isTypedAnew(form, fields) {
    const now = new Map(fieldsOf(form));
    return [...HOLD.typed].some((input) => input.form === form && fields.some(([name, value]) => name === input.name && value !== now.get(name)));
  }

  async function restore(box, found) {
    const form = box.form, last = (isLocal(form) ? "" : wordsOf(form).last).split(" ");
    const isKnown = [0, 2].some((at) => last[at] && last[at] === found.writer && found.stamp <= Number(last[at + 1]));
    if (isKnown || JSON.stringify(found.fields) === JSON.stringify(fieldsOf(form))) return forget(form);
    if (isLocal(form)) return fill(form, found.fields);
    const isOlder = Number(valueOf(form, "base")) > Number(found.base) && form.querySelector("[value=discard]");
    const replaced = isOlder || isTypedAnew(form, found.fields);
    if (!isOlder) fill(form, found.fields);
    const data = body(form, found.fields);
    // A newer draft was written on another device: this text is shown beside it.
    if (replaced) for (const name of ["stamp", "writer", "base"]) data.set(`draft.${name}`, String(found[name]));
    data.set("draft.act", replaced ? "aside" : "keep");
    try {
      await answered(box, box.stamp, await send(data, false));
      if (missesFiles(form, found.fields) && !replaced && !isDirty(box)) location.reload();
    } catch { say(form, wordsOf(form).offline); }
    return null;
  }

  function typed(event) {
    const box = boxes.get(event.target.closest && event.target.closest("form"));
    if (!box || event.target.type === "hidden") return;
    box.stamp = Math.max(Date.now(), box.stamp + 1);
    box.sending = false;
    box.isLost = false;
    if (hidden(box.form, "stamp")) hidden(box.form, "stamp").value = String(box.stamp);
    clearTimeout(box.timer);
    clearTimeout(box.copying);
    box.copying = setTimeout(() => copy(box), 200);
    box.timer = setTimeout(() => keep(box), WAIT);
  }

  const others = (form) => [...boxes.values()].filter((box) => box.form !== form && isDirty(box) && !isLocal(box.form));

  function leave(event) {
    const box = boxes.get(event.target);
    if (!box) return;
    if (box.stamp) copy(box);
    box.sending = true;
    if (isLocal(box.form)) forget(box.form);
    clearTimeout(box.timer);
    setTimeout(() => { if (event.defaultPrevented) box.sending = false; });
  }

  // Without a connection the browser would replace the page, and the text, by its own error page. A machine may be
  // offline and still reach a server on itself.
  function stopped(form, event) {
    const box = boxes.get(form), submitter = event.submitter;
    if (!box || isLocal(form) || navigator.onLine || passing === form) return false;
    event.preventDefault();
    event.stopImmediatePropagation();
    copy(box);
    fetch(ADDRESS, { headers: { "X-Draft": "1" } }).then(() => pass(form, submitter), () => {
      box.isLost = true;
      say(form, wordsOf(form).unsent);
    });
    return true;
  }

  function pass(form, submitter) {
    passing = form;
    form.requestSubmit(submitter && submitter.isConnected ? submitter : undefined);
    passing = null;
  }

  // Registered first, so that a confirmation is asked only once.
  window.addEventListener("submit", (event) => {
    const form = event.target, unsent = others(form), aside = event.submitter && event.submitter.getAttribute("formtarget");
    if (aside || form.closest("[hx-post], [data-hx-post], [hx-get]")) return;
    if (stopped(form, event)) return;
    if (passing === form || !unsent.length) { leave(event); return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter, patience = new Promise((done) => setTimeout(done, HURRY));
    Promise.race([Promise.all(unsent.map((box) => keep(box))), patience]).then(() => pass(form, submitter));
  }, true);

  document.addEventListener("input", typed);
  document.addEventListener("focusout", (event) => {
    const box = boxes.get(event.target.closest && event.target.closest("form"));
    if (box && !box.sending) keep(box);
  });

  const goAway = () => { for (const box of boxes.values()) if (isDirty(box) && !box.sending) keep(box, true); };
  window.addEventListener("pagehide", goAway);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") goAway(); else look(); });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const box of boxes.values()) box.sending = false;
    look();
  });
  window.addEventListener("online", () => { for (const box of boxes.values()) keep(box); });
  // The browser asks only if the text is saved nowhere else.
  window.addEventListener("beforeunload", (event) => {
    for (const box of boxes.values()) if (isDirty(box) && !box.sending && !isLocal(box.form) && !copied(box.form)) { copy(box); if (!copied(box.form)) event.preventDefault(); }
  });

  // htmx may swap forms in and out.
  function take() {
    for (const form of boxes.keys()) if (!form.isConnected) boxes.delete(form);
    for (const form of document.querySelectorAll("form[data-draft]")) {
      if (boxes.has(form)) continue;
      const box = { form, stamp: 0, kept: 0, timer: 0, copying: 0, sending: false, isLost: false, saving: Promise.resolve() };
      boxes.set(form, box);
      const found = copied(form);
      if (found) restore(box, found);
      for (const input of HOLD.typed) if (input.form === form) typed({ target: input });
    }
  }

  function begin() {
    if (hasBegun) return;
    hasBegun = true;
    forgetOld();
    take();
    HOLD.typed.clear();
    HOLD.release();
    document.addEventListener("htmx:load", take);
  }

  // Without scripts these buttons submit a composer's text along; with scripts it is saved first.
  for (const one of document.querySelectorAll("[data-carries]")) {
    for (const name of ["form", "formaction", "formnovalidate"]) one.removeAttribute(name);
  }
  // After the other scripts, which build what is filled in here and listen to it. htmx is the last of them; pictures
  // may take much longer.
  if (document.readyState === "complete") begin();
  document.addEventListener("htmx:load", begin, { once: true });
  window.addEventListener("load", begin);
})();
