// Keeps what is typed as a draft on the server, a moment after the last key and when the page is left.
(() => {
  "use strict";
  const WAIT = 1500;

  function begin() {
    const form = document.querySelector("form[data-draft]");
    if (!form) return;
    const state = form.querySelector("[data-draft-state]");
    let timer = 0, dirty = false, sent = false;

    function body() {
      const data = new FormData(form);
      for (const input of form.querySelectorAll("input[type=file]")) data.delete(input.name);
      return data;
    }

    async function keep() {
      clearTimeout(timer);
      if (!dirty || sent) return;
      dirty = false;
      try {
        const answer = await fetch(form.dataset.draft, { method: "POST", body: body(), headers: { "X-Draft": "1" }, keepalive: true });
        if (answer.ok) window.htmx.swap(state, await answer.text(), { swapStyle: "innerHTML" });
        else dirty = true;
      } catch {
        dirty = true;
      }
    }

    form.addEventListener("input", () => { dirty = true; clearTimeout(timer); timer = setTimeout(keep, WAIT); });
    form.addEventListener("submit", () => { sent = true; clearTimeout(timer); });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") keep(); });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
