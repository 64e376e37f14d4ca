// The ticket page: a key copies the number, the chosen form gets the cursor, messages are quoted.
(function () {
  "use strict";

  function copied(button) {
    var icon = button.firstElementChild;
    if (!icon) {
      return;
    }
    button.textContent = button.getAttribute("data-copied");
    window.setTimeout(function () {
      button.replaceChildren(icon);
    }, 1500);
  }

  // The selection, if it is within one message; otherwise "".
  function chosenIn(message) {
    var selection = window.getSelection();
    var inside = message && !selection.isCollapsed && message.contains(selection.anchorNode) && message.contains(selection.focusNode);
    return inside ? selection.toString().trim() : "";
  }

  // Quotes a public message into the reply if that is chosen, and everything else into the note.
  function quote(message) {
    var prose = message.querySelector(".prose");
    var words = chosenIn(message) || (prose ? prose.innerText.trim() : "");
    var reply = document.querySelector('.composer-mode input[value="public"]');
    var mode = reply.checked && message.getAttribute("data-kind") === "public" ? reply : document.querySelector('.composer-mode input[value="internal"]');
    var area = document.getElementById(mode.getAttribute("data-writes"));
    mode.checked = true;
    var end = area.value.length;
    var before = area.value.trim() ? (area.value.endsWith("\n") ? "\n" : "\n\n") : "";
    var lines = words.split("\n").map(function (line) {
      return ("> " + line).trimEnd();
    });
    window.otklikPut(area, before + lines.join("\n") + "\n\n", area.value.trim() ? end : 0, end);
    area.scrollTop = area.scrollHeight;
    area.scrollIntoView({ block: "center" });
  }

  // Pressing the button must not clear the selection; without this script it submits its own text.
  document.addEventListener("mousedown", function (event) {
    if (event.target.closest("[data-quote]")) {
      event.preventDefault();
    }
  });

  // R answers; with a selection in a message it quotes it.
  document.addEventListener("keydown", function (event) {
    var isOff = document.documentElement.getAttribute("data-keys") === "off";
    var isTyping = event.target.closest("input, textarea, select, [contenteditable], dialog");
    if (event.code !== "KeyR" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || isOff || isTyping) {
      return;
    }
    var node = window.getSelection().anchorNode;
    var message = node && (node.nodeType === 1 ? node : node.parentElement).closest(".message");
    if (message && message.querySelector("[data-quote]") && chosenIn(message)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      quote(message);
    }
  }, true);

  // Pressed once: the number; again within a moment: with the subject; a third time: the link.
  var pressed = 0, last = 0;

  function toCopy(button) {
    var number = button.getAttribute("data-copy"), now = Date.now();
    pressed = now - last < 1500 ? pressed % 3 + 1 : 1;
    last = now;
    return [number, number + " " + button.getAttribute("data-copy-more"), window.location.origin + "/browse/" + number][pressed - 1];
  }

  document.addEventListener("click", function (event) {
    var quoting = event.target.closest("[data-quote]");
    if (quoting) {
      event.preventDefault();
      quote(quoting.closest(".message"));
    }
    var button = event.target.closest("[data-copy]");
    if (button && navigator.clipboard) {
      navigator.clipboard.writeText(toCopy(button)).then(function () {
        copied(button);
      });
    }
    var mode = event.target.closest(".composer-mode");
    if (mode) {
      // The radio changes after this listener.
      window.setTimeout(function () {
        document.getElementById(mode.querySelector("input").getAttribute("data-writes")).focus();
      });
    }
  });
})();

// Whom the reply leaves out is struck out among its recipients, which a poll draws anew.
(function () {
  "use strict";

  function strike() {
    var boxes = document.querySelectorAll("#reply input[name=left_out]:checked");
    var left = Array.prototype.map.call(boxes, function (box) { return box.value; });
    document.querySelectorAll("#composer-to [data-person]").forEach(function (person) {
      person.classList.toggle("reach-left-out", left.indexOf(person.getAttribute("data-person")) >= 0);
    });
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches("input[name=left_out]")) {
      strike();
    }
  });
  document.addEventListener("htmx:afterSettle", strike);
  window.addEventListener("load", strike);
})();
