// What a reader sees of a page's layout.

import { expect, type Page } from "@playwright/test";

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };
/** The narrowest page that must not scroll sideways (WCAG 2.2, 1.4.10). */
export const NARROWEST = { width: 320, height: 640 };

/** Fails when the page scrolls sideways at this size, and names what sticks out. */
export async function expectNoSidewaysScroll(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const outside = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 0.5,
    );
    return outside.slice(0, 8).map((element) => `${element.tagName}#${element.id}.${element.getAttribute("class")}`);
  });
  expect(wide, `nothing is wider than ${size.width} px on ${page.url()}`).toEqual([]);
}

/** Waits until the islands of the page have run. */
export async function hydrated(page: Page): Promise<void> {
  // A page of what has ended has no age that ticks: there its times are told by the browser.
  await expect(page.locator("#freshness .age:not(:empty), main:has(#over) time[title]").first()).toBeAttached();
}

/** One thing begins where another has ended. */
export async function expectBelow(page: Page, above: string, below: string): Promise<void> {
  const [first, second] = await Promise.all([above, below].map((selector) => page.locator(selector).boundingBox()));
  expect(second?.y, `${below} below ${above}`).toBeGreaterThanOrEqual((first?.y ?? 0) + (first?.height ?? 0));
}
