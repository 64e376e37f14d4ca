// Reorders rows by dragging. Without this script, and for the keyboard, there are arrow buttons.
(() => {
  "use strict";

  function send(list) {
    const token = list.querySelector("input[name=csrfmiddlewaretoken]");
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token.value);
    for (const row of list.querySelectorAll("[data-draggable]")) body.append("order", row.dataset.id);
    return fetch(list.dataset.movable, { method: "POST", body });
  }

  function arrows(list) {
    const rows = [...list.querySelectorAll("[data-draggable]")];
    rows.forEach((row, place) => {
      const up = row.querySelector("[name=up]"), down = row.querySelector("[name=down]");
      if (up) up.disabled = place === 0;
      if (down) down.disabled = place === rows.length - 1;
    });
  }

  function begin() {
    for (const list of document.querySelectorAll("[data-movable]")) {
      const state = list.parentElement.querySelector("[data-movable-state]");
      let dragged = null;
      for (const row of list.querySelectorAll("[data-draggable]")) {
        row.querySelector(".movable-grip").addEventListener("pointerdown", () => { row.draggable = true; });
        row.addEventListener("dragstart", (event) => {
          dragged = row;
          row.classList.add("is-dragged");
          event.dataTransfer.effectAllowed = "move";
          event.dataTransfer.setData("text/plain", row.dataset.id);
        });
        row.addEventListener("dragover", (event) => {
          if (!dragged || dragged === row) return;
          event.preventDefault();
          const box = row.getBoundingClientRect();
          const after = event.clientY > box.top + box.height / 2;
          list.insertBefore(dragged, after ? row.nextSibling : row);
        });
        row.addEventListener("dragend", async () => {
          row.draggable = false;
          row.classList.remove("is-dragged");
          dragged = null;
          arrows(list);
          const answer = await send(list).catch(() => null);
          if (answer && answer.ok) state.textContent = list.dataset.moved;
          else location.reload();
        });
      }
      list.addEventListener("dragover", (event) => { if (dragged) event.preventDefault(); });
      list.addEventListener("drop", (event) => event.preventDefault());
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
