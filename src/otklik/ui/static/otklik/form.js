// Forms of request types: fields shown only for certain answers to another, and two-step lists. The server applies the
// same rules; this only hides what does not apply.
(() => {
  "use strict";

  function answers(form, key) {
    const given = [];
    for (const name of [key, `${key}:1`]) {
      for (const input of form.elements) {
        if (input.name !== name || input.type === "file") continue;
        if (input.type === "checkbox" || input.type === "radio") {
          if (input.checked) given.push(input.value === "on" ? "yes" : input.value);
        } else if (input.value.trim()) given.push(input.value);
      }
    }
    return given;
  }

  function show(form) {
    const parts = [...form.querySelectorAll("[data-part]")];
    const byKey = new Map(parts.map((part) => [part.dataset.part, part]));
    const asked = (part, seen) => {
      const holds = ([key, wanted]) => {
        const other = byKey.get(key);
        if (!other || seen.has(key) || !asked(other, new Set(seen).add(key))) return false;
        const given = answers(form, key);
        return wanted.length ? given.some((one) => wanted.includes(one)) : given.length > 0;
      };
      return !part.dataset.when || JSON.parse(part.dataset.when).every(holds);
    };
    for (const part of parts) part.hidden = !asked(part, new Set());
  }

  function cascade(second) {
    const first = document.getElementById(second.dataset.cascadeOf);
    if (!first) return;
    const all = [...second.children].map((child) => child.cloneNode(true));
    const fill = () => {
      const chosen = first.value && first.selectedOptions[0] ? first.selectedOptions[0].textContent : "";
      const before = second.value;
      const group = all.find((one) => one.tagName === "OPTGROUP" && one.label === chosen);
      second.replaceChildren(all[0].cloneNode(true), ...(group ? [...group.children].map((one) => one.cloneNode(true)) : []));
      second.value = [...second.options].some((one) => one.value === before) ? before : "";
      second.disabled = !group;
    };
    first.addEventListener("change", fill);
    fill();
  }

  function begin(inside) {
    inside.querySelectorAll("[data-cascade-of]").forEach(cascade);
    document.querySelectorAll("form[data-conditions]").forEach(show);
  }

  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      const form = event.target.closest && event.target.closest("form[data-conditions]");
      if (form) show(form);
    });
  }
  // Fields that were loaded when another type was chosen.
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) begin(event.detail.elt); });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => begin(document));
  else begin(document);
})();
