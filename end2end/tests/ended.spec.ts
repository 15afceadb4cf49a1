// The page of an incident that is open in a tab while the incident ends: from then on it tells what is past, and never
// turns grey. A region that had not heard of the end opens the incident anew, and then it tells the present again.

import { join } from "node:path";
import { cluster, type Region } from "../cluster.ts";
import type { Running } from "../holdfast.ts";
import { DESKTOP, hydrated } from "../layout.ts";
import { expect, test } from "../reader.ts";
import { CATALOG, type Receipt } from "../serving.ts";

/** Longest wait for a post to reach the other region and its open pages. */
const NEWS_MS_MAX = 30_000;
/** More than a page waits between two looks of its own (`POLL_MS` and its jitter). */
const POLL = "00:36";
/** More than the bound after which the present is grey. */
const LONG = "10:00";
const FRESH = "fresh";

test.use({ viewport: DESKTOP, locale: "en-GB", timezoneId: "Asia/Shanghai" });
test.setTimeout(120_000);

test("an open page follows an incident across its end, and back", async ({ page }) => {
  const { regions, linked, remove } = await cluster(["ap-shanghai", "ap-guangzhou"], "");
  const [here, there] = regions as [Region, Region];
  try {
    const shanghai = await here.start();
    let guangzhou: Running = await there.start();
    await Promise.all([here, there].map(linked));
    await here.operate("catalog", "apply", CATALOG);
    const { incident } = await here.operate<Receipt>("incident", "open", "--title", "Console slow", "--impact", "minor",
      "--text", "Pages load slowly.", "--scope", "console=degraded_performance");
    await expect.poll(async () => JSON.stringify(await there.operate("incident", "list")), { timeout: NEWS_MS_MAX }).toContain(incident);
    await guangzhou.kill();

    await page.clock.install();
    await page.goto(`${shanghai.origin}/en/incidents/${incident}`);
    await hydrated(page);
    await page.evaluate(() => { document.body.dataset.same = "yes"; });
    const [html, freshness, past] = [page.locator("html"), page.locator("#freshness"), page.locator("#over")];
    await expect(html).toHaveAttribute("data-freshness", /./);
    await expect(past).toHaveCount(0);

    await test.step("it ends", async () => {
      await here.operate("incident", "resolve", incident, "--text", "A cache is larger now.");
      await expect(page.locator(".timeline")).toContainText("A cache is larger now.", { timeout: NEWS_MS_MAX });
      await expect(past).toBeVisible();
      await expect(past.getByRole("link")).toHaveAttribute("href", "/en/");
      await expect(freshness).toHaveCount(0);
      await expect(html).not.toHaveAttribute("data-freshness");
    });

    await test.step("however long it is open, it is as it was", async () => {
      const look = () => page.locator("#now").evaluate((now) => {
        const { color, filter, opacity } = getComputedStyle(now);
        return { color, filter, opacity, text: now.textContent };
      });
      const before = await look();
      await page.clock.fastForward(LONG);
      // The clock that would write it ticks each second.
      await page.clock.runFor(3_000);
      await expect(html).not.toHaveAttribute("data-freshness");
      await expect(html).not.toHaveClass(/grey/);
      expect(await look()).toEqual(before);
      await expect(past).toBeVisible();
    });

    await test.step("it is opened anew", async () => {
      // Written where the end has not been heard of: of two accounts the one that is less resolved is shown.
      await there.operate("--config", join(there.data, "../holdfast.toml"), "incident", "update", incident, "--status", "investigating", "--text", "Still slow in Guangzhou.");
      guangzhou = await there.start();
      const status = async () => (await fetch(`${shanghai.origin}/en/incidents/${incident}`)).text();
      await expect.poll(status, { timeout: NEWS_MS_MAX }).toContain("Still slow in Guangzhou.");
      await page.clock.fastForward(POLL);
      await expect(freshness).toBeVisible();
      await expect(page.locator(".timeline")).toContainText("Still slow in Guangzhou.");
      await expect(past).toHaveCount(0);
      await expect(html).toHaveAttribute("data-freshness", FRESH);
      await expect(html).toHaveClass(/grey/);
      expect(await page.evaluate(() => document.body.dataset.same), "without a reload").toBe("yes");
    });
  } finally {
    await remove();
  }
});
