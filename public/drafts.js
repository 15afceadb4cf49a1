// Keeps what is being written in the console through a reload of the page, in this tab alone. Without this script a
// form works as well, and the browser's own memory is all there is.
(() => {
  "use strict";
  // Kept by the form itself, or of no use in another page.
  const OWN = new Set(["form_key", "seen", "do", "template"]);
  const form = document.getElementById("compose");
  if (!form) return;
  const key = `holdfast draft ${form.getAttribute("action")}`;

  const forget = () => sessionStorage.removeItem(key);
  const keep = () => {
    const fields = [...new FormData(form)].filter(([name]) => !OWN.has(name));
    sessionStorage.setItem(key, JSON.stringify(fields));
  };
  const restore = (fields) => {
    const held = new Map(fields);
    for (const control of form.elements) {
      if (!control.name || OWN.has(control.name)) continue;
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

  // What was published is no draft any more, whether or not an answer said so: an update stands on the page under the id
  // that its form carried, and an incident has the id of the form that opened it, which was kept under another address.
  const ofOne = /^(.*)\/([^/]+)\/updates$/.exec(form.getAttribute("action"));
  const isPublished = (once) => document.getElementById(`u-${once}`) !== null || once === ofOne?.[2];
  for (const held of ofOne ? [key, `holdfast draft ${ofOne[1]}/new`] : []) {
    const kept = sessionStorage.getItem(held);
    if (kept && isPublished(new Map(JSON.parse(kept)).get("once"))) sessionStorage.removeItem(held);
  }

  // What the server sent back is newer than what is kept here.
  if (form.hasAttribute("data-fresh")) {
    const kept = sessionStorage.getItem(key);
    if (kept) {
      restore(JSON.parse(kept));
      const note = document.getElementById("restored");
      note.hidden = false;
      note.querySelector("button").addEventListener("click", () => { forget(); location.reload(); });
    }
  } else keep();

  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
})();
