// Passkeys: calls W3C Web Authentication and submits the result with the form. Conversions are written out because
// older browsers lack PublicKeyCredential.parseRequestOptionsFromJSON.
(function () {
  "use strict";

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function words(buffer) {
    var plain = "";
    new Uint8Array(buffer).forEach(function (byte) { plain += String.fromCharCode(byte); });
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function known(list) {
    return (list || []).map(function (one) { return Object.assign({}, one, { id: bytes(one.id) }); });
  }

  function readable(options) {
    var key = options.publicKey;
    key.challenge = bytes(key.challenge);
    if (key.user) {
      key.user.id = bytes(key.user.id);
    }
    if (key.excludeCredentials) {
      key.excludeCredentials = known(key.excludeCredentials);
    }
    if (key.allowCredentials) {
      key.allowCredentials = known(key.allowCredentials);
    }
    return { publicKey: key };
  }

  function sendable(credential) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (credential.response[name]) {
        response[name] = words(credential.response[name]);
      }
    });
    return JSON.stringify({
      id: credential.id,
      rawId: words(credential.rawId),
      type: credential.type,
      response: response,
      clientExtensionResults: credential.getClientExtensionResults()
    });
  }

  function options(form) {
    if (form.dataset.options) {
      return Promise.resolve(JSON.parse(form.dataset.options));
    }
    return fetch(form.dataset.optionsFrom, { headers: { Accept: "application/json" } }).then(function (answer) {
      return answer.json();
    });
  }

  function start(form) {
    var trouble = form.querySelector("[data-passkey-trouble]");
    trouble.hidden = true;
    options(form)
      .then(function (given) {
        var asked = readable(given);
        return form.dataset.passkey === "create" ? navigator.credentials.create(asked) : navigator.credentials.get(asked);
      })
      .then(function (credential) {
        form.querySelector("[data-passkey-answer]").value = sendable(credential);
        form.submit();
      })
      .catch(function () {
        trouble.textContent = form.dataset.trouble;
        trouble.hidden = false;
      });
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-passkey-start]");
    if (button) {
      event.preventDefault();
      start(button.closest("form"));
    }
  });
})();
