// A tab that is left open without script: it cannot know the time, so the style sheet tells it, after as many seconds
// as the settings say.

import { expect, test } from "../reader.ts";
import { DESKTOP } from "../layout.ts";
import { CATALOG, serve } from "../serving.ts";

const BOUND_SECONDS = 12;

test.use({ javaScriptEnabled: false, viewport: DESKTOP });

test("past the bound of the settings an open tab says that it is out of date", async ({ page }) => {
  const site = await serve(`[freshness]\namber_seconds = 2\ngrey_seconds = ${BOUND_SECONDS}\n`);
  await site.operate("catalog", "apply", CATALOG);
  await page.goto(`${site.origin}/en/`);
  await expect(page.locator(".stale")).toBeHidden();
  await expect(page.locator(".stale")).toBeVisible({ timeout: 4 * BOUND_SECONDS * 1000 });
  await site.stop();
});
