// Keeps what is being written in the console, in this tab alone: through a reload of the page, and through signing in
// again when the session has ended. Without this script a form works as well, and the browser's own memory is all there is.
(() => {
  "use strict";
  // Kept by the form itself, or of no use in another page.
  const OWN = ["form_key", "by", "present", "planned", "do", "template"];
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  // A text that replaces another stands over that one: what its writer had seen goes with it, and the server tells of what
  // somebody else has changed since. Beside the other forms stands what there is now.
  const own = new Set(form.dataset.draft === "replaces" ? OWN : [...OWN, "seen"]);
  // Nobody else who signs in here is shown it.
  const keyOf = (action) => `holdfast draft ${form.elements.by.value} ${action}`;
  const key = keyOf(form.getAttribute("action"));

  const typed = () => JSON.stringify([...new FormData(form)].filter(([name]) => !own.has(name)));
  const keep = () => sessionStorage.setItem(key, typed());
  const restore = (fields) => {
    const held = new Map(fields);
    for (const control of form.elements) {
      if (!control.name || own.has(control.name)) continue;
      const value = held.get(control.name);
      if (control.type === "checkbox") control.checked = value !== undefined;
      else if (control.type === "radio") control.checked = control.value === value;
      else if (value !== undefined) control.value = value;
      // What is folded away and holds something is shown.
      if (value && control.type !== "hidden" && control.type !== "radio") {
        for (let inside = control.closest("details"); inside; inside = inside.parentElement.closest("details")) inside.open = true;
      }
    }
    // A large catalog's form holds the regions of what is opened alone. What was chosen in others goes along all the same,
    // and is shown with the next answer.
    const shown = new Set([...form.elements].map(({ name }) => name));
    for (const [name, value] of fields) {
      if (!/^(in|open)\./.test(name) || value === "" || shown.has(name)) continue;
      const unseen = document.createElement("input");
      Object.assign(unseen, { type: "hidden", name, value });
      form.append(unseen);
    }
  };

  // What was saved is no draft any more, on whatever page it says so. What was published by the form of an incident is told by
  // its id, which an update stands under on the page and an incident has itself: whether or not an answer said so, and
  // however often the page that says so is loaded again.
  const heldOf = (key) => new Map(JSON.parse(sessionStorage.getItem(key) ?? "[]"));
  const saved = document.querySelector("#saved[data-form]");
  if (saved && !heldOf(keyOf(saved.dataset.form)).has("once")) sessionStorage.removeItem(keyOf(saved.dataset.form));
  // The first form of an incident was kept under another address.
  const ofOne = /^(.*)\/([^/]+)\/updates$/.exec(form.getAttribute("action"));
  for (const held of ofOne ? [key, keyOf(`${ofOne[1]}/new`)] : []) {
    const once = heldOf(held).get("once");
    if (once === ofOne[2] || document.getElementById(`u-${once}`)) sessionStorage.removeItem(held);
  }

  // What the server sent back is newer than what is kept here.
  const kept = sessionStorage.getItem(key);
  if (!form.hasAttribute("data-fresh")) keep();
  else if (kept === typed()) sessionStorage.removeItem(key);
  else if (kept) {
    restore(JSON.parse(kept));
    const note = document.getElementById("restored");
    note.hidden = false;
    note.querySelector("button").addEventListener("click", () => {
      sessionStorage.removeItem(key);
      location.reload();
    });
  }

  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
})();
