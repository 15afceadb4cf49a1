// Passkeys are the one thing in the console that needs script: a page asks the browser for a credential, and the form is
// then sent as any other. Forms marked with `data-passkey` (`get` or `create`) are hidden until this runs.
(() => {
  "use strict";
  if (!window.isSecureContext || !window.PublicKeyCredential) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function credential(kind, options) {
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (kind === "create") {
      publicKey.user = { ...options.user, id: bytes(options.user.id) };
      publicKey.excludeCredentials = named(options.excludeCredentials);
      const made = await navigator.credentials.create({ publicKey });
      return {
        id: made.id, rawId: text(made.rawId), type: made.type,
        response: {
          attestationObject: text(made.response.attestationObject),
          clientDataJSON: text(made.response.clientDataJSON),
        },
      };
    }
    publicKey.allowCredentials = named(options.allowCredentials);
    const shown = await navigator.credentials.get({ publicKey });
    return {
      id: shown.id, rawId: text(shown.rawId), type: shown.type,
      response: {
        authenticatorData: text(shown.response.authenticatorData),
        clientDataJSON: text(shown.response.clientDataJSON),
        signature: text(shown.response.signature),
        userHandle: shown.response.userHandle ? text(shown.response.userHandle) : null,
      },
    };
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const alert = form.querySelector("[role=alert]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      alert.textContent = "";
      try {
        const body = new URLSearchParams(new FormData(form));
        const answer = await fetch(form.dataset.begin, { method: "POST", body });
        const isOurs = (answer.headers.get("content-type") || "").startsWith("application/json");
        const begun = isOurs ? await answer.json() : {};
        if (!answer.ok || !begun.options) {
          alert.textContent = begun.error || form.dataset.failed;
          return;
        }
        form.elements.state.value = begun.state;
        form.elements.credential.value = JSON.stringify(await credential(form.dataset.passkey, begun.options));
        form.submit();
      } catch {
        // The browser has said why where it was asked; that nothing came of it is all that is known here.
        alert.textContent = form.dataset.failed;
      }
    });
  }
})();
