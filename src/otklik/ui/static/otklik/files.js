// Files of a form, dragged, pasted or chosen: uploaded at once with progress, and shown as attached; pictures added to
// a text with a toolbar are inserted into it. Without this script, or without an account, they are sent with the form.
(() => {
  "use strict";
  // By form: pending uploads, the last of them, the submitter that waits for them, thumbnails by name.
  const works = new WeakMap();

  const inputOf = (field) => field.querySelector("input[type=file]");
  const isPicture = (file) => /^image\/(png|jpeg|gif|webp)$/.test(file.type);

  function workOf(form) {
    if (!works.has(form)) works.set(form, { open: 0, last: Promise.resolve(), sender: null, names: [], small: new Map() });
    return works.get(form);
  }

  function fieldFor(form, target) {
    const fields = [...form.querySelectorAll("[data-files]")].filter((one) => !one.closest("[hidden]"));
    return (target.closest && target.closest("[data-files]")) || fields[0];
  }

  function say(field, words) {
    field.querySelector("[data-files-state]").textContent = words;
  }

  function complain(field, words) {
    const line = document.createElement("div");
    line.className = "field-error";
    line.setAttribute("role", "alert");
    line.textContent = words;
    field.querySelector("[data-kept]").append(line);
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

  // Invisible characters, which core/text_cleaning.py removes from names as well.
  const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

  // The text refers to pictures by name, so names are unique within a form.
  function renamed(form, file) {
    const taken = [...workOf(form).names, ...[...form.querySelectorAll(".kept-file .attachment-name")].map((one) => one.textContent)];
    const plain = file.name.normalize("NFC").replace(UNSEEN, "").replace(/[\\/]/g, "_").trim() || "image.png";
    const dot = plain.lastIndexOf("."), stem = dot > 0 ? plain.slice(0, dot) : plain, tail = dot > 0 ? plain.slice(dot) : "";
    let name = plain;
    for (let n = 2; taken.includes(name); n += 1) name = `${stem}-${n}${tail}`;
    workOf(form).names.push(name);
    return name === file.name ? file : new File([file], name, { type: file.type });
  }

  // The textual form that plain-text readers see: "[picture: name.png]".
  const barOf = (area) => document.querySelector(`[data-md-for="${area.id}"]`);
  const mark = (area, file) => `[${barOf(area).dataset.mdPicture}: ${file.name}]`;

  // The text that pictures are inserted into: the one they were dropped on; in a composer, always its own.
  function textFor(form, target) {
    const into = target.matches && target.matches("textarea") ? target : null;
    const area = into || (form.hasAttribute("data-writing") && form.querySelector("textarea"));
    return area && barOf(area) ? area : null;
  }

  function insert(area, pictures) {
    if (!area || !pictures.length) return;
    const before = area.value.slice(0, area.selectionStart);
    const words = `${before && !before.endsWith("\n") ? "\n" : ""}${pictures.map((file) => mark(area, file)).join("\n")}\n`;
    window.otklikPut(area, words, area.selectionStart, area.selectionEnd);
  }

  function remember(form, file) {
    const reader = new FileReader();
    reader.onload = () => { workOf(form).small.set(file.name, reader.result); picture(form); };
    reader.readAsDataURL(file);
  }

  function picture(form) {
    for (const line of form.querySelectorAll(".kept-file")) {
      const source = workOf(form).small.get(line.querySelector(".attachment-name").textContent);
      if (!source || line.querySelector(".thumbnail")) continue;
      const shown = document.createElement("img");
      shown.className = "thumbnail";
      shown.alt = "";
      shown.src = source;
      line.querySelector("input").after(shown);
    }
  }

  function body(form, field, files) {
    const sent = new FormData();
    sent.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    sent.append("field", field.dataset.files);
    for (const box of field.querySelectorAll("[data-kept] input:checked")) sent.append(box.name, box.value);
    for (const file of files) {
      if (file.ticket) sent.append(`${field.dataset.files}.kept`, file.ticket);
      else sent.append(field.dataset.files, file, file.name);
    }
    return sent;
  }

  // Sent with the form: stored files by their references, others by the input.
  function sendLater(field, files) {
    joined(inputOf(field), files.filter((file) => !file.ticket));
    for (const file of files.filter((one) => one.ticket)) {
      const box = document.createElement("input");
      Object.assign(box, { type: "checkbox", name: `${field.dataset.files}.kept`, value: file.ticket, checked: true, hidden: true });
      field.querySelector("[data-kept]").append(box);
    }
  }

  function joined(input, files) {
    const kept = new DataTransfer();
    for (const file of [...input.files, ...files]) kept.items.add(file);
    input.files = kept.files;
  }

  function send(form, field, files) {
    const progress = field.querySelector("[data-progress]"), bar = progress.querySelector("progress");
    const words = progress.querySelector("[data-progress-words]"), call = new XMLHttpRequest();
    bar.value = 0;
    words.textContent = files.map((file) => file.name).join(", ");
    progress.hidden = false;
    return new Promise((done) => {
      call.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.value = Math.round((100 * event.loaded) / event.total);
        words.textContent = `${bar.value} %`;
      });
      call.addEventListener("loadend", () => {
        progress.hidden = true;
        if (call.status === 200) {
          window.htmx.swap(field.querySelector("[data-kept]"), call.responseText, { swapStyle: "innerHTML" });
          picture(form);
          say(field, `${field.querySelector("[data-files-state]").dataset.done} ${files.map((file) => file.name).join(", ")}`);
          form.dispatchEvent(new Event("input", { bubbles: true }));
        } else {
          sendLater(field, files);
          complain(field, `«${files.map((file) => file.name).join("», «")}» ${field.dataset.failed}`);
        }
        done();
      });
      call.open("POST", form.dataset.upload);
      call.send(body(form, field, files));
    });
  }

  function take(form, field, chosen, area) {
    const files = fitting(field, chosen).map((file) => renamed(form, file));
    if (!files.length) return;
    insert(area, files.filter(isPicture));
    if (!form.dataset.upload) { joined(inputOf(field), files); return; }
    files.filter(isPicture).forEach((file) => remember(form, file));
    enqueue(form, field, files);
  }

  function enqueue(form, field, files) {
    const work = workOf(form);
    work.open += 1;
    // Sequential: each response lists all files stored so far.
    work.last = work.last.then(() => send(form, field, files)).then(() => {
      work.open -= 1;
      work.names = [];
      if (work.open || !work.sender) return;
      const sender = work.sender;
      work.sender = null;
      form.requestSubmit(sender === true ? undefined : sender);
    });
  }

  // Attaches files that are stored already, [{ name, ticket }] with the signed references that the server gave.
  window.otklikAttach = (form, stored) => {
    const field = fieldFor(form, form);
    if (field) enqueue(form, field, stored);
  };

  const formOf = (event) => {
    const form = event.target.closest && event.target.closest("form");
    return form && form.querySelector("[data-files]") ? form : null;
  };
  const carries = (data) => data && [...data.types].includes("Files");

  document.addEventListener("change", (event) => {
    const form = event.target.type === "file" && formOf(event), field = form && event.target.closest("[data-files]");
    if (!field) return;
    const files = [...event.target.files], inline = event.target.hasAttribute("data-inline-next");
    event.target.removeAttribute("data-inline-next");
    // Without an account they stay in the file input.
    if (!form.dataset.upload) { fitting(field, files); return; }
    event.target.value = "";
    take(form, field, files, inline ? form.querySelector("[data-md-for]") && document.getElementById(form.querySelector("[data-md-for]").dataset.mdFor) : null);
  });
  document.addEventListener("paste", (event) => {
    const form = formOf(event), files = [...(event.clipboardData ? event.clipboardData.files : [])];
    const field = form && files.length ? fieldFor(form, event.target) : null;
    if (!field) return;
    event.preventDefault();
    take(form, field, files, textFor(form, event.target));
  });
  document.addEventListener("dragover", (event) => {
    const form = formOf(event);
    if (!form || !carries(event.dataTransfer)) return;
    event.preventDefault();
    form.classList.add("is-dropping");
  });
  document.addEventListener("dragleave", (event) => {
    const form = formOf(event);
    if (form && !form.contains(event.relatedTarget)) form.classList.remove("is-dropping");
  });
  document.addEventListener("drop", (event) => {
    const form = formOf(event), field = form && event.dataTransfer.files.length ? fieldFor(form, event.target) : null;
    if (!field) return;
    event.preventDefault();
    form.classList.remove("is-dropping");
    take(form, field, [...event.dataTransfer.files], textFor(form, event.target));
  });
  // Submits after pending uploads; feedback.js must not take that for a second submission.
  document.addEventListener("submit", (event) => {
    const work = works.get(event.target);
    if (!work || !work.open) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    event.target.removeAttribute("data-sending");
    work.sender = event.submitter || true;
  }, true);
})();
