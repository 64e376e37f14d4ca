// Files of a [data-writing] form: pasted and dropped ones join the chosen ones, pictures stand in the text where the
// cursor is, thumbnails show what goes along, sending shows its progress. What is refused stays on the page, files too.
(function () {
  "use strict";

  function fileInput(form) {
    return form.querySelector('input[type="file"]');
  }

  function freeName(name, taken) {
    var dot = name.lastIndexOf(".");
    var stem = dot > 0 ? name.slice(0, dot) : name;
    var tail = dot > 0 ? name.slice(dot) : "";
    var made = name;
    for (var n = 2; taken.indexOf(made) >= 0; n += 1) {
      made = stem + "-" + n + tail;
    }
    return made;
  }

  function complain(form, words) {
    form.querySelector("[data-writing-error]").textContent = words;
  }

  function pictureMark(file) {
    var isBare = /^[\w.-]+$/.test(file.name);
    return "![](" + (isBare ? "attachment:" + file.name : "<attachment:" + file.name.replace(/[<>()]/g, "_") + ">") + ")";
  }

  function insert(form, pictures) {
    var area = form.querySelector("textarea");
    var before = area.value.slice(0, area.selectionStart);
    var words = (before && !before.endsWith("\n") ? "\n" : "") + pictures.map(pictureMark).join("\n") + "\n";
    window.otklikPut(area, words, area.selectionStart, area.selectionEnd);
  }

  function isPicture(file) {
    return /^image\/(png|jpeg|gif|webp)$/.test(file.type);
  }

  function add(form, files) {
    var input = fileInput(form);
    var kept = new DataTransfer();
    var names = [];
    Array.prototype.forEach.call(input.files, function (file) {
      kept.items.add(file);
      names.push(file.name);
    });
    var limit = Number(form.getAttribute("data-limit"));
    var pictures = [];
    files.forEach(function (file) {
      if (file.size > limit) {
        complain(form, form.getAttribute("data-too-large").replace("%s", file.name));
        return;
      }
      var name = freeName(file.name.replace(/[<>()]/g, "_"), names);
      names.push(name);
      var named = name === file.name ? file : new File([file], name, { type: file.type });
      kept.items.add(named);
      if (isPicture(named)) {
        pictures.push(named);
      }
    });
    input.files = kept.files;
    show(form);
    if (pictures.length) {
      insert(form, pictures);
    }
  }

  function drop(form, index) {
    var input = fileInput(form);
    var kept = new DataTransfer();
    Array.prototype.forEach.call(input.files, function (file, at) {
      if (at !== index) {
        kept.items.add(file);
      }
    });
    input.files = kept.files;
    show(form);
  }

  function chip(form, file, index) {
    var item = document.createElement("li");
    item.className = "attachment";
    if (isPicture(file)) {
      var picture = document.createElement("img");
      var reader = new FileReader();
      picture.className = "thumbnail";
      picture.alt = "";
      reader.onload = function () {
        picture.src = reader.result;
      };
      reader.readAsDataURL(file);
      item.append(picture);
    }
    var name = document.createElement("span");
    name.className = "attachment-name";
    name.textContent = file.name;
    var away = document.createElement("button");
    away.type = "button";
    away.className = "btn-close";
    away.setAttribute("aria-label", form.getAttribute("data-remove") + " " + file.name);
    away.addEventListener("click", function () {
      drop(form, index);
      fileInput(form).focus();
    });
    item.append(name, away);
    return item;
  }

  function show(form) {
    var chips = Array.prototype.map.call(fileInput(form).files, function (file, index) {
      return chip(form, file, index);
    });
    form.querySelector("[data-chips]").replaceChildren.apply(form.querySelector("[data-chips]"), chips);
  }

  function formOf(event) {
    return event.target.closest && event.target.closest("form[data-writing]");
  }

  document.addEventListener("paste", function (event) {
    var form = formOf(event);
    var files = event.clipboardData ? Array.prototype.slice.call(event.clipboardData.files) : [];
    if (form && files.length) {
      event.preventDefault();
      add(form, files);
    }
  });
  document.addEventListener("dragover", function (event) {
    var form = formOf(event);
    if (form && Array.prototype.indexOf.call(event.dataTransfer.types, "Files") >= 0) {
      event.preventDefault();
      form.classList.add("is-dropping");
    }
  });
  document.addEventListener("dragleave", function (event) {
    var form = formOf(event);
    if (form && !form.contains(event.relatedTarget)) {
      form.classList.remove("is-dropping");
    }
  });
  document.addEventListener("drop", function (event) {
    var form = formOf(event);
    if (form && event.dataTransfer.files.length) {
      event.preventDefault();
      form.classList.remove("is-dropping");
      add(form, Array.prototype.slice.call(event.dataTransfer.files));
    }
  });
  document.addEventListener("change", function (event) {
    var form = event.target.type === "file" && formOf(event);
    if (!form) {
      return;
    }
    show(form);
    if (event.target.hasAttribute("data-inline-next")) {
      event.target.removeAttribute("data-inline-next");
      insert(form, Array.prototype.filter.call(event.target.files, isPicture));
    }
  });

  // Sending files: by XMLHttpRequest, which alone tells how far it is. Without files the form goes its usual way.
  function send(form, address, button) {
    var bar = form.querySelector("[data-progress]");
    var request = new XMLHttpRequest();
    var words = new FormData(form);
    if (button && button.name) {
      words.append(button.name, button.value);
    }
    function failed() {
      bar.hidden = true;
      form.removeAttribute("data-sending");
    }
    request.open("POST", address);
    request.setRequestHeader("X-Otklik-Upload", "1");
    request.upload.addEventListener("progress", function (event) {
      bar.hidden = false;
      bar.value = event.lengthComputable ? (100 * event.loaded) / event.total : 0;
    });
    request.addEventListener("load", function () {
      var goal = request.getResponseHeader("X-Otklik-Goto");
      if (goal) {
        window.history.replaceState(null, "", goal);
        window.location.reload();
        return;
      }
      failed();
      if (request.status === 409) {
        // The page that says what changed meanwhile comes the usual way.
        form.action = address;
        form.submit();
        return;
      }
      var page = new DOMParser().parseFromString(request.responseText, "text/html");
      var error = page.querySelector("#" + form.id + " .field-error, form.composer .field-error");
      if (request.status === 422 && error) {
        complain(form, error.textContent.trim());
      } else {
        document.dispatchEvent(new CustomEvent("htmx:responseError"));
      }
    });
    request.addEventListener("error", function () {
      failed();
      document.dispatchEvent(new CustomEvent("htmx:sendError"));
    });
    request.send(words);
  }

  document.addEventListener("submit", function (event) {
    var form = formOf(event);
    if (!form || event.defaultPrevented || !fileInput(form).files.length) {
      return;
    }
    event.preventDefault();
    complain(form, "");
    send(form, event.submitter && event.submitter.hasAttribute("formaction") ? event.submitter.formAction : form.action, event.submitter);
  });
})();
