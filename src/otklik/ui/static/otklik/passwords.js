// Passwords: shown on demand; the rules for a new one are checked while it is typed, and a form whose password would be
// refused is not submitted, so that nothing has to be typed again. The server defines the rules.
(() => {
  "use strict";
  const PAUSE = 300;

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-password-show]");
    if (!button) return;
    const shown = button.getAttribute("aria-pressed") !== "true";
    for (const one of button.form.querySelectorAll("[data-password-show]")) {
      one.setAttribute("aria-pressed", String(shown));
      document.getElementById(one.getAttribute("aria-controls")).type = shown ? "text" : "password";
    }
  });

  const formOf = (target) => target.closest && target.closest("form[data-new-password]");

  async function ask(form) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("password1", form.elements.password1.value);
    body.set("check", "1");
    const answer = await fetch(form.getAttribute("action") || location.pathname, { method: "POST", body });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).broken;
  }

  function tick(form, broken) {
    for (const rule of form.querySelectorAll("[data-rule]")) {
      const state = broken ? (rule.dataset.rule in broken ? "broken" : "kept") : "";
      rule.dataset.state = state;
      const words = rule.querySelector(".visually-hidden") || rule.appendChild(document.createElement("span"));
      words.className = "visually-hidden";
      words.textContent = state ? `: ${form.dataset[state]}` : "";
    }
  }

  function complain(input, words) {
    const field = input.closest(".field");
    field.querySelectorAll(".field-error").forEach((one) => one.remove());
    field.classList.toggle("has-error", Boolean(words));
    input.classList.toggle("is-invalid", Boolean(words));
    if (!words) return input.removeAttribute("aria-invalid");
    const line = document.createElement("div");
    line.className = "field-error";
    line.setAttribute("role", "alert");
    line.textContent = words;
    field.append(line);
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }

  const waiting = new WeakMap();
  document.addEventListener("input", (event) => {
    const form = formOf(event.target);
    if (!form || !/^password[12]$/.test(event.target.name)) return;
    complain(event.target, "");
    if (event.target.name !== "password1") return;
    clearTimeout(waiting.get(form));
    const typed = event.target.value;
    if (!typed) return tick(form, null);
    waiting.set(form, setTimeout(() => ask(form).then((broken) => {
      if (form.elements.password1.value === typed) tick(form, broken);
    }, () => {}), PAUSE));
  });

  document.addEventListener("submit", async (event) => {
    const form = formOf(event.target);
    if (!form || form.dataset.fine || event.defaultPrevented) return;
    const first = form.elements.password1, second = form.elements.password2;
    if (!first.value || !second.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    let broken = {};
    try {
      broken = await ask(form);
      tick(form, broken);
    } catch { /* The server decides when it gets the form. */ }
    const reasons = Object.values(broken);
    if (reasons.length) return complain(first, reasons[0]);
    if (first.value !== second.value) return complain(second, form.dataset.differ);
    form.dataset.fine = "yes";
    form.requestSubmit();
  }, true);
})();
