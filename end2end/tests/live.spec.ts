// An open page follows the board without a reload, and says how old its news is when the server is gone.

import type { Page } from "@playwright/test";
import { expect, startDemo, test } from "../reader.ts";
import { command, start, type Running } from "../holdfast.ts";
import { DESKTOP, PHONE, hydrated } from "../layout.ts";
import { INCIDENT } from "../replay.ts";
import { CATALOG, serve } from "../serving.ts";

/** Cumulative layout shift that a reader may meet without having done anything. */
const SHIFT_MAX = 0.05;
/** What is posted at 16:05. */
const NEWS = "Every region but Shanghai has recovered.";
const SCOPE = [
  "cloud-api@!ap-shanghai=operational", "cloud-api@ap-shanghai=major_outage", "console=partial_outage",
  ...["cloud-functions", "ocr", "microservice-platform", "audio-content-security", "captcha"].map((code) => `${code}@!ap-shanghai=operational`),
];
/** Longest wait for an update: until it is posted, the stream, the spread of the crowd, the fetch. */
const UPDATE_MS_MAX = 20_000;
/** Longest wait for the browser to open a lost stream again, and for the next confirmation. */
const RECOVERY_MS_MAX = 45_000;
/** Longest wait for an age that no confirmed page reaches. */
const AGE_MS_MAX = 25_000;

declare global {
  interface Window {
    /** Set by a test; gone when the document is another one. */
    sameDocument?: boolean;
    /** Sum of layout shifts so far that no input of the reader explains. */
    shift?: number;
    /** Texts that `#announce` was given. */
    announced?: string[];
  }
}

test.use({ timezoneId: "Asia/Shanghai", locale: "en-GB", viewport: DESKTOP });

test.describe("an update arrives", () => {
  let demo: Running;
  test.beforeEach(async () => { demo = await startDemo(["--at", "16:04"]); });
  test.afterEach(async () => { await demo.stop(); });
  const post = () => command("incident", "update", INCIDENT, "--data", demo.data, "--text", NEWS, ...SCOPE.flatMap((cells) => ["--scope", cells]));

  for (const [name, viewport] of [["a desk", DESKTOP], ["a phone", PHONE]] as const) {
    test(`without a reload or a jump, on ${name}`, async ({ page }) => {
      await page.setViewportSize(viewport);
      await observe(page);
      await page.goto(`${demo.origin}/en/`);
      await hydrated(page);
      await page.evaluate(() => { window.sameDocument = true; });
      await expect(page.locator("#headline")).not.toContainText("Shanghai");
      const updates = page.locator("#incidents");
      await expect(updates).not.toContainText(NEWS);

      await post();
      await expect(page.locator("#headline")).toContainText("down in Shanghai. 16 of 17 regions", { timeout: UPDATE_MS_MAX });
      await expect(updates).toContainText(NEWS);
      await expect(page).toHaveTitle(/down in Shanghai/);
      expect(await page.evaluate(() => window.sameDocument), "the document is the same").toBe(true);
      const headline = (await page.locator("#headline").innerText()).trim();
      await expect(page.locator("#announce")).toHaveText(headline);
      expect(await page.evaluate(() => window.announced), "told once").toEqual([headline]);
      expect(await page.evaluate(() => window.shift), "layout shift").toBeLessThanOrEqual(SHIFT_MAX);
    });
  }

  // The section that changes is above the window, or reaches into it.
  for (const [where, topPx] of [["above", -40], ["at the top", 85]] as const) {
    test(`the reader's focus and place stay when it changes ${where}`, async ({ page }) => {
      await page.goto(`${demo.origin}/en/`);
      await hydrated(page);
      const link = page.locator("#incidents article a").first();
      const target = await link.getAttribute("href");
      const definition = page.locator("#uptime-definition");
      await definition.locator("summary").click();
      await link.focus();
      const place = () => page.locator("#uptime").evaluate((section) => section.getBoundingClientRect().top);
      // The style sheet scrolls smoothly, and what the click or the focus began may still be on its way.
      await expect.poll(() => page.locator("#uptime").evaluate(async (section, top) => {
        window.scrollBy({ top: section.getBoundingClientRect().top - top, behavior: "instant" });
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        return Math.abs(section.getBoundingClientRect().top - top);
      }, topPx), "the place is reached and kept").toBeLessThan(1);
      const before = await place();
      await expect(page.locator("#headline")).not.toContainText("Shanghai");

      await post();
      await expect(page.locator("#headline")).toContainText("down in Shanghai", { timeout: UPDATE_MS_MAX });
      expect(Math.abs((await place()) - before), "what the reader looks at has not moved").toBeLessThanOrEqual(1);
      expect(await page.evaluate(() => document.activeElement?.getAttribute("href")), "the focus").toBe(target);
      await expect(definition, "what was opened stays open").toHaveAttribute("open", "");
    });
  }
});

test("a demonstration that plays goes on by itself", async ({ page }) => {
  // Ten seconds of the incident a second: 16:05, with its news, comes six seconds after the start.
  const demo = await startDemo(["--at", "16:04", "--play", "10"]);
  try {
    await page.goto(`${demo.origin}/en/`);
    await expect(page.locator("#headline")).toContainText("down in Shanghai. 16 of 17 regions", { timeout: UPDATE_MS_MAX });
    await expect(page.locator("#incidents")).toContainText(NEWS);
  } finally {
    await demo.stop();
  }
});

test("the age of the confirmation ticks", async ({ page, demo }) => {
  const { origin } = await demo("16:06");
  await page.goto(`${origin}/en/`);
  await hydrated(page);
  const age = page.locator("#freshness .age");
  const first = await age.innerText();
  await expect(age).not.toHaveText(first);
  await expect(age).toHaveText(/^\d+ ?s(ec)? ago$/);
});

test("a confirmation of a newer board does not make an older page fresh", async ({ page }) => {
  const site = await serve();
  try {
    // As from a cache that never lets go of it; what a worker asks for cannot be given it here.
    await page.addInitScript(() => Object.defineProperty(navigator, "serviceWorker", { value: undefined }));
    const old = await site.text("/en/");
    await page.route(`${site.origin}/en/`, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: old }));
    await page.goto(`${site.origin}/en/`);
    await hydrated(page);
    await site.operate("catalog", "apply", CATALOG);
    // The server confirms its board every ten seconds, and a page that shows it is never much older.
    await expect(page.locator("#freshness .age")).toHaveText(/^1[3-9] ?s(ec)? ago$/, { timeout: AGE_MS_MAX });
  } finally {
    await site.stop();
  }
});

test.describe("the server is gone", () => {
  test.use({ outage: true });
  test.setTimeout(90_000);

  test("the page turns amber, then withdraws what it claims, and recovers", async ({ page }) => {
    const demo = await startDemo(["--at", "16:06"]);
    let again: Running | undefined;
    try {
      await page.clock.install();
      await page.goto(`${demo.origin}/en/`);
      await hydrated(page);
      const html = page.locator("html");
      await expect(html).toHaveAttribute("data-freshness", "fresh");
      const claims = page.locator(".claim");
      const claimed = await claims.allTextContents();
      expect(claimed.length).toBeGreaterThan(0);
      const headline = await page.locator("#headline").innerText();

      await demo.kill();
      await page.clock.fastForward("01:30");
      await expect(html).toHaveAttribute("data-freshness", "amber");
      await expect(page.locator("#freshness")).toContainText(/Last confirmed/);
      expect(await claims.allTextContents(), "amber withdraws nothing").toEqual(claimed);

      await page.clock.fastForward("05:00");
      await expect(html).toHaveAttribute("data-freshness", "grey");
      const withdrawn = await claims.evaluateAll((all) => all.map((claim) => [claim.textContent, claim.getAttribute("data-unconfirmed")]));
      for (const [text, unconfirmed] of withdrawn) expect(text).toBe(unconfirmed);
      for (const part of await page.locator("#now, #services table, #services .services").all()) {
        await expect(part).not.toContainText(/operating|not affected/);
      }
      // What was posted stays as it was posted.
      await expect(page.locator("#headline")).toHaveText(headline);
      await expect(page.locator("#incidents")).toContainText(NEWS);

      const { host } = new URL(demo.origin);
      again = await start(["demo", "--listen", host, "--dir", demo.data, "--at", "16:06"], demo.data, false);
      await expect(html).toHaveAttribute("data-freshness", "fresh", { timeout: RECOVERY_MS_MAX });
      expect(await claims.allTextContents(), "the claims are back").toEqual(claimed);
    } finally {
      await again?.stop();
      await demo.stop();
    }
  });

  test("the title of the tab withdraws what it claims, too", async ({ page }) => {
    const demo = await startDemo(["--at", "15:00"]);
    try {
      await page.clock.install();
      await page.goto(`${demo.origin}/en/`);
      await hydrated(page);
      await expect(page).toHaveTitle(/^All services are operating\./);
      await demo.kill();
      await page.clock.fastForward("06:30");
      await expect(page.locator("html")).toHaveAttribute("data-freshness", "grey");
      await expect(page).toHaveTitle(/^How the services are doing is not confirmed\./);
    } finally {
      await demo.stop();
    }
  });
});

/** Before the page loads: sums its layout shifts, and keeps what it announces. */
async function observe(page: Page) {
  await page.addInitScript(() => {
    window.shift = 0;
    window.announced = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const shift = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
        if (!shift.hadRecentInput) window.shift = (window.shift ?? 0) + shift.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
    document.addEventListener("DOMContentLoaded", () => {
      const place = document.getElementById("announce");
      if (!place) return;
      new MutationObserver(() => window.announced?.push(place.textContent ?? "")).observe(place, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
  });
}
