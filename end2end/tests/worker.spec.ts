// The page's address does not answer: what the worker in the reader's browser shows, from where, and what it never shows.

import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "../reader.ts";
import { expectAccessible } from "../accessibility.ts";
import { start } from "../holdfast.ts";
import { DESKTOP, hydrated } from "../layout.ts";
import { visit } from "../worker.ts";
import { place, type Mirror, type Place, type Wanted } from "../outage.ts";
import { serveFolder } from "../static_server.ts";

/** Longest wait for an open page to look for itself: its poll, the spread of the crowd, and the worker's patience. */
const POLL_MS_MAX = 60_000;
const LENT = "#copied";

test.use({ outage: true, locale: "en-GB", timezoneId: "Asia/Shanghai", viewport: DESKTOP });

const MIRROR: Wanted = { name: "bucket" };
let at: Place;
test.afterEach(async () => { await at.remove(); });

test("a mirror stands in, then what was kept, then the page itself again", async ({ page }) => {
  at = await place([MIRROR]);
  const incident = await at.open("Console slow");
  await at.mirrors[0]!.write();
  await visit(page, at.origin, "/en/");
  await expect(page.locator(LENT)).toHaveText("");
  await at.node.kill();

  await page.reload();
  await expect(page.locator(LENT)).toContainText("The address that you opened does not answer. This is a copy from bucket, confirmed ");
  await expect(page.locator(LENT)).toHaveAttribute("role", "status");
  await expect(page.locator(`${LENT} time`)).toHaveText(/\d\d:\d\d UTC\+8$/);
  await expect(page.locator(`${LENT} [data-relative]`)).toHaveText(/^\d+ (sec|min) ago$/);
  await expect(page.locator("#headline")).toContainText("Console");
  await hydrated(page);
  await expectAccessible(page);

  // A page that this browser has never seen, in the other language too.
  await page.goto(`${at.origin}/en/incidents/${incident}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Console slow");
  await expect(page.locator(LENT)).toContainText("a copy from bucket");
  await page.goto(`${at.origin}/zh/history`);
  await expect(page.locator(LENT)).toContainText("您打开的地址没有响应。这是来自 bucket 的副本，确认于 ");
  await expect(page.locator(`${LENT} time`)).toHaveText(/\d\d:\d\d UTC\+8$/);
  // Where the language is negotiated, the reader's own.
  await page.goto(`${at.origin}/`);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  // What is not for readers is left to fail.
  for (const path of ["/api/v1/status", "/admin/"]) {
    expect(await page.evaluate((path) => fetch(path).then(() => true, () => false), path), path).toBe(false);
  }

  await at.mirrors[0]!.stop();
  await page.goto(`${at.origin}/en/`);
  await expect(page.locator(LENT)).toContainText("Neither the address that you opened nor any copy of it answers.");
  await expect(page.locator(`${LENT} [data-relative]`)).toHaveText(/^\d+ (sec|min) ago$/);
  await expect(page.locator("#headline")).toContainText("Console");
  await page.goto(`${at.origin}/zh/history`);
  await expect(page.locator(LENT)).toContainText("您的浏览器保存的页面");
  // Never seen, and nobody has it: the page that was kept last.
  await page.goto(`${at.origin}/en/regions/ap-shanghai`);
  await expect(page.locator(LENT)).not.toHaveText("");
  expect(new URL(page.url()).pathname).not.toBe("/en/regions/ap-shanghai");

  await at.restart();
  await page.goto(`${at.origin}/en/`);
  await expect(page.locator(LENT)).toHaveText("");
  await expect(page.locator("#headline")).toContainText("Console");
});

test("an address that takes connections and says nothing is not waited for", async ({ page }) => {
  at = await place([MIRROR]);
  await at.mirrors[0]!.write();
  await visit(page, at.origin, "/en/");
  at.node.hang();
  await page.reload();
  await expect(page.locator(LENT)).toContainText("a copy from bucket");
  await page.goto(`${at.origin}/en/regions/ap-shanghai`);
  await expect(page.locator(LENT)).toContainText("a copy from bucket");
  at.node.goOn();
  await page.goto(`${at.origin}/en/regions/ap-tokyo`);
  await expect(page.locator(LENT)).toHaveText("");
  await expect(page.locator("#freshness")).toBeVisible();
});

test("an open page shows what a copy knows, and goes back by itself", async ({ page }) => {
  test.setTimeout(2 * POLL_MS_MAX + 30_000);
  at = await place([MIRROR]);
  await at.mirrors[0]!.write();
  await visit(page, at.origin, "/en/");
  await at.node.kill();
  // Written to its data while it is down, so that no stream could tell the page.
  await at.open("Console slow");
  await at.mirrors[0]!.write();
  await page.evaluate(() => { window.sameDocument = true; });
  await expect(page.locator(LENT)).toContainText("a copy from bucket", { timeout: POLL_MS_MAX });
  await expect(page.locator("#headline")).toContainText("Console");
  await expect(page.locator("#freshness .age")).not.toBeEmpty();
  await at.restart();
  await expect(page.locator(LENT)).toHaveText("", { timeout: POLL_MS_MAX });
  expect(await page.evaluate(() => window.sameDocument), "without a reload").toBe(true);
});

test("a copy that is older than what was shown is refused", async ({ page }) => {
  at = await place([{ name: "behind" }, { name: "current" }]);
  const [behind, current] = at.mirrors as [Mirror, Mirror];
  await behind.write();
  await at.open("Console slow");
  await current.write();
  await visit(page, at.origin, "/en/");
  await expect(page.locator("#headline")).toContainText("Console");
  await at.node.kill();
  await page.reload();
  await expect(page.locator(LENT)).toContainText("a copy from current");
  expect(behind.asked, "it was asked first").not.toEqual([]);
  await expect(page.locator("#headline")).toContainText("Console");
  await current.stop();
  await page.reload();
  await expect(page.locator(LENT)).toContainText("This is what your browser kept");
  await expect(page.locator("#headline")).toContainText("Console");
  // A page that was never seen is older there too.
  await page.goto(`${at.origin}/en/regions/ap-shanghai`);
  await expect(page.locator("#headline")).toContainText("Console");
  expect(new URL(page.url()).pathname, "led to what was kept").toBe("/en/");
});

test("our own address, answered by an older copy, is no better than another one", async ({ page }) => {
  at = await place([{ name: "behind" }, { name: "current" }]);
  const [behind, current] = at.mirrors as [Mirror, Mirror];
  await behind.write();
  const incident = await at.open("Console slow");
  await current.write();
  await visit(page, at.origin, "/en/");
  await at.node.kill();
  // As a name that now leads elsewhere.
  const standIn = await serveFolder(behind.folder, { port: Number(new URL(at.origin).port) });
  try {
    await page.reload();
    await expect(page.locator("#headline")).toContainText("Console");
    await expect(page.locator(LENT)).toContainText("a copy from current");
    // Pages of the past state no board, and where a page is missing nothing is stated at all: no older history, no denial.
    for (const path of ["/en/history", `/en/incidents/${incident}`]) {
      await page.goto(at.origin + path);
      await expect(page.locator("main")).toContainText("Console slow");
      await expect(page.locator(LENT)).toContainText("a copy from current");
      expect(standIn.asked).toContain(path);
    }
    await current.stop();
    await page.goto(`${at.origin}/en/`);
    await expect(page.locator("#headline")).toContainText("Console");
    await expect(page.locator(LENT)).toContainText("This is what your browser kept");
    expect(standIn.asked).toContain("/en/");
    // It catches up.
    await behind.write();
    await page.reload();
    await expect(page.locator(LENT)).toHaveText("");
    await expect(page.locator("#headline")).toContainText("Console");
  } finally {
    await standIn.stop();
  }
});

test("a page that was first opened on a served snapshot goes on with the copies of that snapshot's list", async ({ page }) => {
  at = await place([MIRROR, { name: "files" }]);
  const [bucket, files] = at.mirrors as [Mirror, Mirror];
  await files.write();
  await at.open("Console slow");
  await bucket.write();
  await at.node.kill();
  const served = await start(["snapshot", "serve", files.folder, "--listen", "127.0.0.1:0"], files.folder, false);
  try {
    await visit(page, served.origin, "/en/");
    await expect(page.locator(LENT)).toHaveText("");
    await expect(page.locator("#headline")).toHaveText("All services are operating.");
    await served.kill();
    await page.reload();
    await expect(page.locator(LENT)).toContainText("a copy from bucket");
    await expect(page.locator("#headline")).toContainText("Console");
    await page.goto(`${served.origin}/en/regions/ap-shanghai`);
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Shanghai");
    await expect(page.locator(LENT)).toContainText("a copy from bucket");
  } finally {
    await served.stop();
  }
});

test("only addresses of the list are asked, wherever they point", async ({ page }) => {
  const stranger = await serveFolder("/nowhere");
  try {
    at = await place([{ name: "moved", redirect: stranger.origin }]);
    await visit(page, at.origin, "/en/");
    await at.node.kill();
    await page.reload();
    await expect(page.locator(LENT)).toContainText("This is what your browser kept");
    expect(at.mirrors[0]!.asked, "the one that redirects").toEqual(["/api/v1/copies.json"]);
    expect(stranger.asked, "where it points").toEqual([]);
  } finally {
    await stranger.stop();
  }
});

test("a copy below a path, with a file that the address itself never had", async ({ page }) => {
  // As a node of another version writes it with a base path.
  const rewrite = (html: string) => html.replaceAll('="/', '="/status/').replace(/main\.\w+\.css/, "main.other.css");
  at = await place([{ name: "bucket", below: "/status", rewrite }]);
  const [bucket] = at.mirrors as [Mirror];
  await bucket.write();
  const files = join(bucket.folder, "pkg");
  const sheet = (await readdir(files)).find((name) => /^main\.\w+\.css$/.test(name));
  await copyFile(join(files, sheet!), join(files, "main.other.css"));
  await visit(page, at.origin, "/en/");
  await at.node.kill();
  await page.goto(`${at.origin}/en/regions/ap-shanghai`);
  await expect(page.locator(LENT)).toContainText("a copy from bucket");
  const sheets = () => page.evaluate(() => [...document.styleSheets].map((sheet) => [sheet.href, sheet.cssRules.length > 0]));
  expect(await sheets()).toEqual([[`${at.origin}/pkg/main.other.css`, true]]);
  await page.locator("a.site").click();
  await expect(page).toHaveURL(`${at.origin}/en/`);
  await expect(page.locator(LENT)).toContainText("a copy from bucket");
});

test.describe("JavaScript off", () => {
  test.use({ javaScriptEnabled: false });

  test("there is no worker, and no notice", async ({ page, context }) => {
    at = await place([MIRROR]);
    await page.goto(`${at.origin}/en/`);
    await expect(page.locator("#freshness")).toBeVisible();
    await expect(page.locator(LENT)).toHaveText("");
    expect(context.serviceWorkers()).toEqual([]);
  });
});
