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
  };

  // An incident that is there was published: what its first form has kept under another address is no draft any more.
  const ofOne = /^(.*)\/([^/]+)\/updates$/.exec(form.getAttribute("action"));
  if (ofOne) {
    const first = `holdfast draft ${ofOne[1]}/new`;
    const kept = sessionStorage.getItem(first);
    if (kept && new Map(JSON.parse(kept)).get("once") === ofOne[2]) sessionStorage.removeItem(first);
  }

  // What was published is no draft any more; what the server sent back is newer than what is kept here.
  if (document.getElementById("saved")) forget();
  else if (form.hasAttribute("data-fresh")) {
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
