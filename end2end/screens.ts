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

/** Waits until the worker behind a page has kept what it needs to go on without the page's own address. */
export async function prepared(screen: Screen): Promise<void> {
  const kept = (name: string) => screen.page.evaluate(async (name) => {
    const requests = await (await caches.open(`holdfast ${name} /`)).keys();
    return requests.map(({ url }) => new URL(url).pathname).join(" ");
  }, name);
  await expect.poll(() => kept("state"), "the list of copies is kept").toContain("/api/v1/copies.json");
  await expect.poll(() => kept("pages"), "the page is kept").toContain("/en/");
  await expect.poll(() => kept("files"), "its files are kept").toContain(".wasm");
}

/** What is on the screen, judged. */
export async function look(screen: Screen, witness: Witness): Promise<Told> {
  await expect(screen.page.locator("#freshness")).toBeVisible();
  await expect(screen.page.locator("#freshness .until time")).toBeVisible();
  const asked = new Date();
  const html = await screen.page.content();
  const kind = screen.hasScript ? "screen" : "still";
  const from = lender(html) ?? screen.from;
  const told = witness.judge({ address: screen.name, from, html, asked, came: new Date(), kind });
  expect(told, `${screen.name} says as of when it is true`).toBeDefined();
  return told!;
}

/** Whose copy the notice of the browser's worker names. */
function lender(html: string): string | undefined {
  const notice = /<div id="copied"[^>]*>(.*?)<\/div>/s.exec(html.replace(/<template.*?<\/template>/gs, ""))?.[1] ?? "";
  const name = /<b>(.*?)<\/b>/.exec(notice)?.[1];
  if (name !== undefined && name !== "") return `copy of ${name}, by the browser's worker`;
  return notice.includes("browser kept") ? "kept by the browser" : undefined;
}
