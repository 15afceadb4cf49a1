// Browsers that look at the page while everything is taken away.

import { expect, type Browser, type Page, type Response } from "@playwright/test";
import { source } from "./disaster.ts";
import { DESKTOP, PHONE, hydrated } from "./layout.ts";
import type { Told, Witness } from "./witness.ts";

/** A page in a browser, and how it is called in the table. */
export interface Screen {
  page: Page;
  name: string;
  hasScript: boolean;
  /** Where the document on it came from. */
  from: string;
}

/** A browser that has never been here opens an address. */
export async function open(browser: Browser, name: string, address: string, hasScript: boolean): Promise<Screen> {
  const viewport = hasScript ? DESKTOP : PHONE;
  const context = await browser.newContext({ viewport, javaScriptEnabled: hasScript, locale: "en-GB", timezoneId: "Asia/Shanghai" });
  const page = await context.newPage();
  const screen = { page, name, hasScript, from: "" };
  await arrived(screen, await page.goto(address));
  return screen;
}

/** Loads it anew. */
export async function reload(screen: Screen): Promise<void> {
  await arrived(screen, await screen.page.reload());
}

async function arrived(screen: Screen, response: Response | null) {
  expect(response?.status(), `${screen.name}: ${screen.page.url()}`).toBe(200);
  const headers = response?.headers() ?? {};
  screen.from = source({ get: (name) => headers[name] ?? null }).from;
  if (screen.hasScript) await hydrated(screen.page);
}

/** What is on the screen, judged. */
export async function look(screen: Screen, witness: Witness): Promise<Told> {
  await expect(screen.page.locator("#freshness")).toBeVisible();
  await expect(screen.page.locator("#freshness .until time")).toBeVisible();
  const asked = new Date();
  const html = await screen.page.content();
  const kind = screen.hasScript ? "screen" : "still";
  const told = witness.judge({ address: screen.name, from: screen.from, html, asked, came: new Date(), kind });
  expect(told, `${screen.name} says as of when it is true`).toBeDefined();
  return told!;
}
