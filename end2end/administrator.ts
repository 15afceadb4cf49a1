// The first administrator of a server, by the link that its start printed.

import { expect, type Page } from "@playwright/test";
import type { Running } from "./holdfast.ts";

/** What the administrator signs in with. */
export const LOGIN = "wei";
export const PASSWORD = "correct horse battery staple";

const LINK = /\/admin\/first\?key=[\w-]+/;

/** Opens the page of the first administrator. */
export async function openFirst(page: Page, server: Running, origin = server.origin): Promise<void> {
  await expect.poll(() => server.output(), "the first start prints a link").toMatch(LINK);
  await page.goto(origin + LINK.exec(server.output())![0]);
}

/** Makes the administrator, in the language of the browser; the page is the console's overview afterwards, at `origin`. */
export async function administrate(page: Page, server: Running, origin = server.origin): Promise<void> {
  await openFirst(page, server, origin);
  await page.locator("#login").fill(LOGIN);
  await page.locator("#name").fill("Li Wei");
  await page.locator("#password").fill(PASSWORD);
  await page.getByRole("button", { name: /^(Begin|开始)$/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^(Overview|总览)$/);
}
