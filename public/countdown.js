// Counts down to the next update that is due, second by second. Without this script the page says how long it was away
// when it was loaded.
(() => {
  "use strict";
  const TICK_MS = 1000;
  const loaded = Date.now();
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const unit = (unit) => new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "short" });
  const [hours, minutes, seconds] = ["hour", "minute", "second"].map(unit);

  const length = (span_ms) => {
    const whole = Math.floor(span_ms / 1000);
    const minute = Math.floor(whole / 60);
    if (minute >= 60) return `${hours.format(Math.floor(minute / 60))} ${minutes.format(minute % 60)}`;
    // Whoever wants less motion sees it change once a minute.
    if (calm.matches) return minutes.format(Math.max(1, minute));
    return minute > 0 ? `${minutes.format(minute)} ${seconds.format(whole % 60)}` : seconds.format(whole);
  };
  const write = (element, words) => {
    if (element.textContent !== words) element.textContent = words;
  };

  const tick = () => {
    for (const due of document.querySelectorAll(".due")) {
      // Counted from what the server said: the clock of this machine may be wrong.
      const left_ms = Number(due.getAttribute("data-left-ms")) - (Date.now() - loaded);
      const [before, after, told] = due.children;
      const passed = left_ms < 0;
      write((passed ? after : before).querySelector(".count"), length(Math.abs(left_ms)));
      // That it has passed is told once to those who listen; the ticking never is.
      if (passed && after.hidden) write(told, after.textContent);
      before.hidden = passed;
      after.hidden = !passed;
    }
  };
  tick();
  setInterval(tick, TICK_MS);
})();
