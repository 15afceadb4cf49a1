// The worker in the reader's browser, as a test sees it: what it keeps, and its end.

import { expect, type Page } from "@playwright/test";
import { hydrated } from "./layout.ts";

/** Opens a page, and waits until the worker stands behind it and has kept what it needs. */
export async function visit(page: Page, origin: string, path: string): Promise<void> {
  await page.goto(origin + path);
  await hydrated(page);
  await expect.poll(() => kept(page, "pages"), "the page is kept").toContain(path);
  await expect.poll(() => kept(page, "state"), "the list is kept").toContain("/api/v1/copies.json");
  await expect.poll(async () => (await kept(page, "files")).some((file) => file.endsWith(".wasm")), "the files are kept").toBe(true);
}

/** Paths that the worker keeps under this name. */
export async function kept(page: Page, name: string): Promise<string[]> {
  return page.evaluate(async (name) => {
    const requests = await (await caches.open(`holdfast ${name} /`)).keys();
    return requests.map((request) => new URL(request.url).pathname);
  }, name);
}

/** Puts something else in the place of what the worker keeps there: a text, or another date. */
export async function alter(page: Page, name: string, path: string, { text, date }: { text?: string; date?: Date }): Promise<void> {
  await page.evaluate(async ([name, path, text, date]) => {
    const cache = await caches.open(`holdfast ${name} /`);
    const found = await cache.match(path);
    if (!found) throw new Error(`${path} is not kept`);
    const headers = new Headers(found.headers);
    if (date) headers.set("date", date);
    await cache.put(path, new Response(text ?? await found.text(), { headers }));
  }, [name, path, text, date?.toUTCString()] as const);
}

/** The text that the worker keeps there. */
export async function keptText(page: Page, name: string, path: string): Promise<string | undefined> {
  return page.evaluate(async ([name, path]) => (await (await caches.open(`holdfast ${name} /`)).match(path))?.text(), [name, path] as const);
}

/** Ends the worker, as a browser does with one that has nothing to do; the next request starts it again. */
export async function sleep(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.stopAllWorkers");
  await session.detach();
}
