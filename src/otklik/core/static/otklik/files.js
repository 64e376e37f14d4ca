// Files of a form: dragged, pasted or chosen, they are uploaded at once, with progress, and shown as attached.
// Without this script they simply go with the form.
(() => {
  "use strict";

  function say(field, words) {
    field.querySelector("[data-files-state]").textContent = words;
  }

  function complain(field, words) {
    const place = field.querySelector("[data-kept]");
    const line = document.createElement("div");
    line.className = "field-error";
    line.setAttribute("role", "alert");
    line.textContent = words;
    place.append(line);
  }

  function fitting(field, files) {
    const limit = Number(field.dataset.limit);
    field.querySelectorAll(".field-error").forEach((one) => one.remove());
    return files.filter((file) => {
      if (file.size <= limit) return true;
      complain(field, `«${file.name}» ${field.dataset.tooLarge} ${field.dataset.limitWords}.`);
      return false;
    });
  }

  function body(form, field, files) {
    const sent = new FormData();
    sent.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    sent.append("field", field.dataset.files);
    for (const box of field.querySelectorAll("[data-kept] input:checked")) sent.append(box.name, box.value);
    for (const file of files) sent.append(field.dataset.files, file, file.name || "image.png");
    return sent;
  }

  function upload(form, field, chosen) {
    const files = fitting(field, chosen);
    const input = field.querySelector("input[type=file]");
    if (!files.length) { input.value = ""; return; }
    const progress = field.querySelector("[data-progress]"), bar = progress.querySelector("progress");
    const words = progress.querySelector("[data-progress-words]");
    const call = new XMLHttpRequest();
    const failed = () => {
      progress.hidden = true;
      const kept = new DataTransfer();
      files.forEach((file) => kept.items.add(file));
      input.files = kept.files;
      complain(field, `«${files.map((file) => file.name).join("», «")}» ${field.dataset.failed}`);
    };
    call.open("POST", form.dataset.upload);
    call.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = Math.round((100 * event.loaded) / event.total);
      words.textContent = `${bar.value} %`;
    });
    call.addEventListener("load", () => {
      if (call.status !== 200) { failed(); return; }
      progress.hidden = true;
      window.htmx.swap(field.querySelector("[data-kept]"), call.responseText, { swapStyle: "innerHTML" });
      input.value = "";
      say(field, `${field.querySelector("[data-files-state]").dataset.done} ${files.map((file) => file.name).join(", ")}`);
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });
    call.addEventListener("error", failed);
    bar.value = 0;
    words.textContent = files.map((file) => file.name).join(", ");
    progress.hidden = false;
    call.send(body(form, field, files));
  }

  function listen(form, field) {
    const zone = field.querySelector(".drop-zone"), input = field.querySelector("input[type=file]");
    input.addEventListener("change", () => upload(form, field, [...input.files]));
    for (const name of ["dragenter", "dragover"]) {
      zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("is-over"); });
    }
    for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      upload(form, field, [...event.dataTransfer.files]);
    });
  }

  function begin() {
    for (const form of document.querySelectorAll("form[data-upload]")) {
      const fields = [...form.querySelectorAll("[data-files]")];
      fields.forEach((field) => listen(form, field));
      form.addEventListener("paste", (event) => {
        const files = [...(event.clipboardData ? event.clipboardData.files : [])];
        const field = event.target.closest("[data-files]") || fields.find((one) => !one.closest("[hidden]"));
        if (!files.length || !field) return;
        event.preventDefault();
        upload(form, field, files);
      });
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
