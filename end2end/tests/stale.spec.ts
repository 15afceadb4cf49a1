// What is old says so. A tab that is left open without script cannot know the time, so the style sheet tells it, after as
// many seconds as the settings say; a copy that is opened late says it at once.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "../reader.ts";
import { DESKTOP, hydrated } from "../layout.ts";
import { place, type Mirror, type Place } from "../outage.ts";
import { CATALOG, serve } from "../serving.ts";

const BOUND_SECONDS = 12;
/** The defaults. */
const AMBER_MS = 60_000;
const GREY_MS = 300_000;

test.use({ viewport: DESKTOP });

test.describe("a copy as files", () => {
  test.use({ locale: "en-GB", timezoneId: "Asia/Shanghai" });
  let at: Place;
  let mirror: Mirror;
  let incident: string;
  test.beforeEach(async () => {
    at = await place([{ name: "bucket" }]);
    [mirror] = at.mirrors as [Mirror];
    incident = await at.open("Console slow");
    await mirror.write();
    await at.node.kill();
  });
  test.afterEach(async () => { await at.remove(); });

  for (const [late, freshness, words] of [
    [0, "fresh", /Up to date as of/],
    [AMBER_MS + 1000, "amber", /Last confirmed .*, trying again/],
    [GREY_MS + 1000, "grey", /Not confirmed since/],
  ] as const) {
    test(`opened ${late / 1000} s late it is ${freshness} at once, and its age ticks`, async ({ page }) => {
      await page.clock.install({ time: Date.now() + late });
      await page.goto(`${mirror.origin}/en/`);
      await hydrated(page);
      await expect(page.locator("html")).toHaveAttribute("data-freshness", freshness);
      await expect(page.locator("#freshness")).toHaveText(words);
      const claims = page.locator(".claim[data-unconfirmed]");
      const withdrawn = await claims.evaluateAll((all) => all.filter((claim) => claim.textContent === claim.getAttribute("data-unconfirmed")).length);
      expect(withdrawn).toBe(freshness === "grey" ? await claims.count() : 0);
      const age = page.locator("#freshness .age");
      await page.clock.fastForward("02:00");
      await expect(age).toHaveText(new RegExp(`^${Math.floor(late / 60_000) + 2} ?m(in)? ago$`));
      await page.clock.fastForward("04:00");
      await expect(page.locator("html"), "left open it gets old").toHaveAttribute("data-freshness", "grey");
    });
  }

  test("every page of the present says when it was confirmed and until when to trust it, in each language", async () => {
    const pages = ["", "regions/ap-shanghai/", "components/console/", `incidents/${incident}/`];
    for (const [language, until] of [["en", /After <time[^>]*>[^<]*UTC[^<]*<\/time> treat this as out of date\./], ["zh", /<time[^>]*>[^<]*UTC[^<]*<\/time> 之后请视为已过期。/]] as const) {
      for (const path of pages) {
        const html = await readFile(join(mirror.folder, language, path, "index.html"), "utf8");
        const line = /<p id="freshness"[\s\S]*?<\/p>/.exec(html)?.[0] ?? "";
        const confirmed = /data-confirmed-at="([^"]+)"/.exec(line)?.[1];
        expect(line, `${language}/${path}`).toContain(`<time datetime="${confirmed}"`);
        expect(line, `${language}/${path}`).toMatch(until);
        expect(html, `${language}/${path}`).toContain("class=\"grey ");
      }
    }
  });
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("past the bound of the settings an open tab says that it is out of date", async ({ page }) => {
    const site = await serve(`[freshness]\namber_seconds = 2\ngrey_seconds = ${BOUND_SECONDS}\n`);
    try {
      await site.operate("catalog", "apply", CATALOG);
      await page.goto(`${site.origin}/en/`);
      await expect(page.locator(".stale")).toBeHidden();
      await expect(page.locator(".stale")).toBeVisible({ timeout: 4 * BOUND_SECONDS * 1000 });
    } finally {
      await site.stop();
    }
  });
});
