// Replaces what a browser would show in its own language by the page's: chosen files, dates, validation messages.
(() => {
  "use strict";
  const words = () => document.querySelector("[data-notice]").dataset;

  // Files: the native input stays for keyboard and screen readers; a button and the chosen names are shown.
  function named(input) {
    const shown = input.nextElementSibling.querySelector("[data-chosen-files]");
    shown.textContent = [...input.files].map((file) => file.name).join(", ");
  }

  function dress(input) {
    if (input.hasAttribute("data-dressed") || !input.id) return;
    input.setAttribute("data-dressed", "");
    const box = document.createElement("span"), label = document.createElement("label"), names = document.createElement("span");
    box.className = "file-button";
    label.className = "btn";
    label.htmlFor = input.id;
    label.setAttribute("aria-hidden", "true");
    label.textContent = input.multiple ? words().chooseFiles : words().chooseFile;
    names.setAttribute("data-chosen-files", "");
    names.className = "file-names";
    box.append(label, names);
    input.after(box);
    named(input);
  }

  const dressAll = (inside) => inside.querySelectorAll("input[type=file]").forEach(dress);

  // Dates: the text field is submitted; the hidden native input only opens its calendar.
  const two = (number) => String(number).padStart(2, "0");

  function machine(typed, moment) {
    const day = typed.match(/^(\d{1,2})\.(\d{1,2})\.(\d{4})/), iso = typed.match(/^(\d{4})-(\d{1,2})-(\d{1,2})/);
    const found = day ? [day[3], day[2], day[1]] : iso ? iso.slice(1) : null, time = typed.match(/(\d{1,2}):(\d{2})$/);
    if (!found) return "";
    const date = `${found[0]}-${two(found[1])}-${two(found[2])}`;
    return moment ? `${date}T${time ? `${two(time[1])}:${time[2]}` : "09:00"}` : date;
  }

  function written(value, dotted) {
    const [date, time] = value.split("T"), [year, month, day] = date.split("-");
    const words = dotted ? `${day}.${month}.${year}` : date;
    return time ? `${words} ${time.slice(0, 5)}` : words;
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest && event.target.closest("[data-pick]") && event.target.closest("[data-day-input]");
    if (!box) return;
    const native = box.querySelector("[data-native]");
    native.value = machine(box.querySelector("input").value.trim(), native.type === "datetime-local");
    if (native.showPicker) native.showPicker();
  });
  document.addEventListener("change", (event) => {
    // files.js empties the input after an upload and shows the files itself.
    if (event.target.type === "file" && event.target.hasAttribute("data-dressed")) setTimeout(() => named(event.target));
    if (!event.target.hasAttribute("data-native") || !event.target.value) return;
    const box = event.target.closest("[data-day-input]"), text = box.querySelector("input");
    text.value = written(event.target.value, box.hasAttribute("data-dotted"));
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Validation messages: a line below the field instead of the browser's bubble.
  function reason(input) {
    const state = input.validity;
    if (state.valueMissing) return input.type === "radio" || input.tagName === "SELECT" ? words().chooseOne : words().missing;
    if (state.typeMismatch && input.type === "email") return words().badAddress;
    return state.tooShort || state.patternMismatch || state.typeMismatch || state.badInput ? words().malformed : words().outOfRange;
  }

  function show(line, input) {
    const around = input.closest(".field, fieldset, .share-form"), parent = input.parentElement;
    const alone = parent.querySelectorAll("input:not([type=hidden]), select, textarea").length === 1;
    if (around || alone) (around || parent).append(line);
    else input.after(line);
  }

  function forget(input) {
    const line = input.getAttribute("aria-errormessage");
    if (!line?.endsWith("-missing")) return;
    document.getElementById(line)?.remove();
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-errormessage");
    input.classList.remove("is-invalid");
  }

  document.addEventListener("invalid", (event) => {
    event.preventDefault();
    const input = event.target, group = input.form.querySelectorAll(":invalid:not(fieldset)");
    // Radio buttons of one name share one line, which the first of them brings.
    if (input.type !== "radio" || [...group].find((one) => one.name === input.name) === input) {
      forget(input);
      const line = document.createElement("div");
      line.className = "field-error";
      line.id = `${input.id || input.name}-missing`;
      line.textContent = reason(input);
      show(line, input);
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-errormessage", line.id);
      if (input.type !== "radio" && input.type !== "checkbox") input.classList.add("is-invalid");
    }
    if (group[0] === input) input.focus();
  }, true);
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      if (!event.target.willValidate || !event.target.validity.valid) return;
      const form = event.target.form, same = form && event.target.name ? form.elements[event.target.name] : null;
      forget(event.target);
      if (same instanceof RadioNodeList) same.forEach(forget);
    });
  }

  document.addEventListener("DOMContentLoaded", () => dressAll(document));
  document.addEventListener("htmx:load", (event) => dressAll(event.target));
})();
