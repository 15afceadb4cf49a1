// Shows what is being written as readers will see it, made by the server that will publish it. Without this script the
// review shows the same.
(() => {
  "use strict";
  /** How long the writer has to pause before the server is asked. */
  const PAUSE_MS = 300;
  /** Longest wait for an answer, and how long after a failure the server is asked again. */
  const ANSWER_MS_MAX = 5000;
  const AGAIN_MS = 5000;
  const form = document.querySelector("form[data-live]");
  const place = document.getElementById("live");
  if (!form || !place) return;
  const note = document.getElementById("live-note");
  const shown = document.getElementById("live-shown");
  // In every language.
  const texts = [...form.elements].filter(({ name }) => name === "text" || name.startsWith("text."));
  let waiting = 0;
  let asked = null;

  // Told to screen readers when it changes, and only then.
  const say = (words) => {
    if (note.textContent !== words) note.textContent = words;
  };
  const later = (delay_ms) => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, delay_ms);
  };

  /** What is shown is not of what is typed, for the reason of this attribute; unless another question is asked by now. */
  const old = (own, why) => {
    if (asked !== own) return false;
    shown.setAttribute("data-old", "");
    say(place.getAttribute(why));
    return true;
  };

  async function ask() {
    // An older answer is of no use any more.
    asked?.abort();
    const own = (asked = new AbortController());
    place.hidden = texts.every(({ value }) => value.trim() === "");
    if (place.hidden) {
      shown.replaceChildren();
      return say("");
    }
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "do" && value !== "");
    const limit = setTimeout(() => own.abort(), ANSWER_MS_MAX);
    try {
      const body = new URLSearchParams([...fields, ["do", "preview"]]);
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, signal: own.signal, redirect: "error" });
      if ([401, 403].includes(answer.status)) return old(own, "data-over");
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      const html = await answer.text();
      if (asked !== own) return;
      shown.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
      shown.removeAttribute("data-old");
      say("");
    } catch {
      if (old(own, "data-away")) later(AGAIN_MS);
    } finally {
      clearTimeout(limit);
    }
  }

  form.addEventListener("input", () => later(PAUSE_MS));
  form.addEventListener("change", () => later(PAUSE_MS));
  // What came back with the page, or from `drafts.js`.
  later(0);
})();
