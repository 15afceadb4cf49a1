// Whom the worker in the reader's browser does not believe: a copy that lies, an answer that is no list, a clock that was
// set back, an address that only looks like one of the page's, and its own memory.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "../reader.ts";
import { DESKTOP } from "../layout.ts";
import { place, type Mirror, type Place } from "../outage.ts";
import { serveFolder, type FolderServer } from "../static_server.ts";
import { alter, kept, keptText, sleep, visit } from "../worker.ts";

const LENT = "#copied";
const TRUTH = "All services are operating.";
const LIE = "All services are for sale.";
/** More than the worker keeps the list for without asking again, and holds the page against a copy. */
const LONG_MS = 11 * 60_000;

test.use({ outage: true, locale: "en-GB", timezoneId: "Asia/Shanghai", viewport: DESKTOP });

let at: Place;
let standIn: FolderServer | undefined;
test.afterEach(async () => {
  await standIn?.stop();
  standIn = undefined;
  await at.remove();
});

/** What a mirror in a stranger's hands tells: more than any node has posted, confirmed when nobody lives any more. */
function lie(text: string): string {
  const more = (list: string) => list.replace(/:\s*\d+/g, ":999999999");
  return text
    .replaceAll(TRUTH, LIE)
    .replace(/data-held="[^"]*"/, more)
    .replace(/"held":\s*\{[^}]*\}/, more)
    .replace(/data-confirmed-at="[^"]*"/, 'data-confirmed-at="9999-12-31T23:59:59Z"')
    .replace(/"(confirmed_at|trust_until)":\s*"[^"]*"/g, '"$1":"9999-12-31T23:59:59Z"');
}

/** A page whose mirror lies while nothing else answers, seen by a reader. */
async function lied(page: Page): Promise<[Mirror, Mirror]> {
  at = await place([{ name: "bent", rewrite: lie }, { name: "straight" }]);
  const [bent, straight] = at.mirrors as [Mirror, Mirror];
  await Promise.all([bent.write(), straight.write()]);
  await visit(page, at.origin, "/en/");
  await at.node.kill();
  await page.reload();
  await expect(page.locator(LENT)).toContainText("a copy from bent");
  await expect(page.locator("#headline")).toHaveText(LIE);
  return [bent, straight];
}

/** At the page's own address a plain web server, with files from before. */
async function stand(mirror: Mirror, rewrite?: (text: string, path: string) => string): Promise<void> {
  standIn = await serveFolder(mirror.folder, { port: Number(new URL(at.origin).port), rewrite });
}

test("a copy that lied of the time is not believed over the page itself", async ({ page }) => {
  await lied(page);
  await page.goto(`${at.origin}/zh/`);
  expect(await kept(page, "pages")).toContain("/zh/");
  await at.restart();
  // Its time is told in whole seconds and renewed every ten: until it is past that of the lie, nobody knows who is right.
  await expect(async () => {
    await page.goto(`${at.origin}/en/`);
    expect(await page.locator(LENT).innerText()).toBe("");
  }).toPass();
  await expect(page.locator("#headline")).toHaveText(TRUTH);
  // What it had given for other pages is no better.
  expect(await kept(page, "pages")).not.toContain("/zh/");
});

test("what a copy gave goes with its place on the list", async ({ page }) => {
  const [, straight] = await lied(page);
  await page.goto(`${at.origin}/zh/`);
  expect(await kept(page, "pages")).toContain("/zh/");
  // It answers with what it knew before, and as long as the list names the copy, that is held to know better.
  await stand(straight);
  await page.goto(`${at.origin}/en/`);
  await expect(page.locator(LENT)).toContainText("a copy from bent");
  await standIn?.stop();
  await stand(straight, (text, path) => path.endsWith("/copies.json") ? text.replace(/"copies":.*\]/s, '"copies":[]') : text);
  await page.goto(`${at.origin}/en/`);
  await expect(page.locator("#headline")).toHaveText(TRUTH);
  await expect(page.locator(LENT)).toHaveText("");
  await expect.poll(() => kept(page, "pages")).toEqual(["/en/"]);
  await standIn?.stop();
  await page.reload();
  await expect(page.locator(LENT)).toContainText("This is what your browser kept");
  await expect(page.locator("#headline")).toHaveText(TRUTH);
});

test("the page is not held for long against what only a copy showed", async ({ page }) => {
  const [, straight] = await lied(page);
  await stand(straight);
  await page.reload();
  await expect(page.locator("#headline")).toHaveText(LIE);
  await expect(page.locator(LENT)).toContainText("a copy from bent");
  const shown = JSON.parse(await keptText(page, "state", "/shown") ?? "");
  for (const board of shown.boards) if (board.since) board.since -= LONG_MS;
  await alter(page, "state", "/shown", { text: JSON.stringify(shown) });
  await sleep(page);
  await page.reload();
  await expect(page.locator("#headline")).toHaveText(TRUTH);
  await expect(page.locator(LENT)).toHaveText("");
});

test.describe("a region that lacks what was shown", () => {
  test.use({ denied: ["/live"] });

  test("is believed with the news of every region, or after a while", async ({ page }) => {
    at = await place([{ name: "behind" }]);
    const [behind] = at.mirrors as [Mirror];
    await behind.write();
    await at.open("Console slow");
    await visit(page, at.origin, "/en/");
    await at.node.kill();
    // The files that stand in for that region have no stream.
    await page.route("**/live", (route) => route.abort());
    // Another region, which was confirmed since, but not by the one that took the post.
    const later = new Date(Date.now() + LONG_MS).toISOString();
    const confirmed = (text: string) => text
      .replace(/data-confirmed-at="[^"]*"/, `data-confirmed-at="${later}"`)
      .replace(/"confirmed_at":\s*"[^"]*"/, `"confirmed_at":"${later}"`);
    const whole = (text: string, html: string, json: string) => confirmed(text)
      .replace(/ data-whole-at="[^"]*"/, html)
      .replace(/"whole_at":\s*"[^"]*"/, `"whole_at":${json}`);
    await stand(behind, (text) => whole(text, "", "null"));
    for (const path of ["/en/", "/en/regions/ap-shanghai"]) {
      await page.goto(at.origin + path);
      await expect(page.locator("#headline")).toContainText("Console");
      await expect(page.locator(LENT)).toContainText("This is what your browser kept");
      expect(standIn?.asked).toContain(path);
    }
    const state = await keptText(page, "state", "/shown") ?? "";
    const shown = JSON.parse(state);
    for (const board of shown.boards) if (board.since) board.since -= LONG_MS;
    await alter(page, "state", "/shown", { text: JSON.stringify(shown) });
    await sleep(page);
    await page.goto(`${at.origin}/en/`);
    await expect(page.locator("#headline")).toHaveText(TRUTH);
    await expect(page.locator(LENT)).toHaveText("");

    await standIn?.stop();
    await stand(behind, (text) => whole(text, ` data-whole-at="${later}"`, `"${later}"`));
    await alter(page, "state", "/shown", { text: state });
    await sleep(page);
    await page.reload();
    await expect(page.locator("#headline")).toHaveText(TRUTH);
    await expect(page.locator(LENT)).toHaveText("");
  });
});

test.describe("a copy with scripts", () => {
  test.use({ denied: ["/pkg/taken.js", "/pkg/taken.css"] });

  test("no script comes from a copy", async ({ page }) => {
    const script = "document.documentElement.dataset.taken = 'yes';";
    const scripts = '<script src="/pkg/taken.js"></script><script src="/pkg/taken.css"></script>';
    const rewrite = (text: string, path: string) => path.endsWith(".json") ? text : text.replace("</head>", `${scripts}</head>`);
    at = await place([{ name: "bent", rewrite }]);
    const [bent] = at.mirrors as [Mirror];
    await bent.write();
    for (const name of ["taken.js", "taken.css"]) await writeFile(join(bent.folder, "pkg", name), script);
    await writeFile(join(bent.folder, "pkg", "taken.html"), `<!DOCTYPE html><script>${script}</script>`);
    await visit(page, at.origin, "/en/");
    await at.node.kill();
    await page.goto(`${at.origin}/en/regions/ap-shanghai`);
    await expect(page.locator(LENT)).toContainText("a copy from bent");
    expect(await page.evaluate(() => document.documentElement.dataset.taken), "no code of it ran").toBeUndefined();
    expect(await page.goto(`${at.origin}/pkg/taken.html`).then(() => "shown", () => "failed")).toBe("failed");
  });
});

test("a copy that never stops talking is not listened to", async ({ page }) => {
  const rewrite = (text: string, path: string) => path.endsWith(".json") ? text : text + " ".repeat(9 << 20);
  at = await place([{ name: "endless", rewrite }, { name: "plain" }]);
  for (const mirror of at.mirrors) await mirror.write();
  await visit(page, at.origin, "/en/");
  await at.node.kill();
  await page.reload();
  await expect(page.locator(LENT)).toContainText("a copy from plain");
});

test("what is no list does not take the place of the list", async ({ page }) => {
  at = await place([{ name: "bucket" }]);
  const [bucket] = at.mirrors as [Mirror];
  await bucket.write();
  await visit(page, at.origin, "/en/");
  await at.node.kill();
  // As from a proxy that asks the reader to sign in to the network.
  await stand(bucket, (text, path) => path.endsWith("/copies.json") ? "<!DOCTYPE html><title>Sign in</title>" : text);
  const long = new Date(Date.now() - LONG_MS);
  await alter(page, "state", "/api/v1/copies.json", { date: long });
  await page.reload();
  await expect(page.locator(LENT)).toHaveText("");
  await expect.poll(() => standIn?.asked).toContain("/api/v1/copies.json");
  await standIn?.stop();
  await page.goto(`${at.origin}/en/regions/ap-shanghai`);
  await expect(page.locator(LENT)).toContainText("a copy from bucket");
});

test("a clock that was set back makes nothing new", async ({ page }) => {
  at = await place([]);
  await visit(page, at.origin, "/en/");
  await at.node.kill();
  await page.reload();
  await expect(page.locator(LENT)).toContainText("This is what your browser kept");
  await expect(page.locator("html")).toHaveAttribute("data-freshness", /fresh|amber/);
  await alter(page, "pages", "/en/", { date: new Date(Date.now() + 3_600_000) });
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-freshness", "grey");
});

test("a path that looks like another origin leads nowhere else", async ({ page }) => {
  const stranger = await serveFolder("/nowhere");
  try {
    // Whatever is asked for, it has that, and newer than anything that was kept.
    at = await place([{ name: "bent", rewrite: lie, elsewhere: "en/index.html" }]);
    const [bent] = at.mirrors as [Mirror];
    await bent.write();
    await visit(page, at.origin, "/en/");
    await at.node.kill();
    for (const path of [`///${new URL(stranger.origin).host}/x`, `/${stranger.origin}/x`]) {
      await page.goto(at.origin + path).catch(() => undefined);
    }
    await bent.stop();
    await page.goto(`${at.origin}/en/regions/ap-shanghai`).catch(() => undefined);
    // Led to what was kept: there is a document to ask.
    await expect(page).toHaveURL(`${at.origin}/en/`);
    await expect(page.locator(LENT)).toContainText("This is what your browser kept");
    await page.waitForLoadState();
    expect(stranger.asked).toEqual([]);
    expect((await kept(page, "pages")).filter((path) => path.endsWith("/x"))).toEqual([]);
  } finally {
    await stranger.stop();
  }
});

test("a browser that cannot keep anything, or lost what it kept, shows the page", async ({ page }) => {
  at = await place([]);
  await visit(page, at.origin, "/en/");
  await alter(page, "state", "/shown", { text: "{" });
  await sleep(page);
  await page.reload();
  await expect(page.locator("#headline")).toHaveText(TRUTH);
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: at.origin, quotaSize: 1 });
  for (const path of ["/en/history", "/en/"]) {
    await page.goto(at.origin + path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
});
