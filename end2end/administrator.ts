// The first administrator of a server, by the link that its start printed.

import { expect, type Page } from "@playwright/test";
import type { Running } from "./holdfast.ts";

/** What the administrator signs in with. */
export const LOGIN = "wei";
export const PASSWORD = "correct horse battery staple";

/** Makes the administrator; the page is the console's overview afterwards. */
export async function administrate(page: Page, server: Running): Promise<void> {
  const link = /http:\/\/127\.0\.0\.1:\d+\/admin\/first\?key=\S+/.exec(server.output())?.[0];
  expect(link, "the first start prints a link").toBeTruthy();
  await page.goto(link!);
  await page.locator("#login").fill(LOGIN);
  await page.locator("#name").fill("Li Wei");
  await page.locator("#password").fill(PASSWORD);
  await page.getByRole("button", { name: "Begin" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
}
