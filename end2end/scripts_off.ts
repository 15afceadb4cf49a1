// A page whose browser bundle never arrives, in a browser that still runs the test's own tools (axe needs a running
// engine, so that `javaScriptEnabled: false` cannot be measured by it).

import type { Page } from "@playwright/test";

/** From now on every script of the page's own is empty. */
export async function withoutBundle(page: Page): Promise<void> {
  await page.route(/\/pkg\/.*\.js$/, (route) => route.fulfill({ body: "", contentType: "text/javascript" }));
}
