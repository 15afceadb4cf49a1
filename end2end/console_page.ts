// A page of the console on a phone: what it has to be, whatever it says.

import { expect, type Page, type Response } from "@playwright/test";
import { expectAccessible } from "./accessibility.ts";
import { expectValidHtml } from "./html.ts";

/** What each page shows: a form that was sent has an answer of its own at the same address. */
const shown = new WeakMap<Page, Response>();

/** Notes from now on what a page shows. */
export function follow(page: Page): void {
  page.on("response", (response) => {
    const isRedirect = response.status() >= 300 && response.status() < 400;
    if (response.request().isNavigationRequest() && response.frame() === page.mainFrame() && !isRedirect) shown.set(page, response);
  });
}

/** Valid, accessible where that can be measured, and no wider than the phone; of a page that is followed. */
export async function checked(page: Page, javaScriptEnabled: boolean): Promise<void> {
  await expectValidHtml(await shown.get(page)!.text(), page.url());
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `${page.url()} is wider than the screen`).toBeLessThanOrEqual(0);
  if (javaScriptEnabled) await expectAccessible(page);
}
