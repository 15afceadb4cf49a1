// Three regions: a page in one shows what is posted in another, names a region that falls silent, and when it hears of
// no other any more says so, until nothing on it claims that services are operating. Two readers watch: an open page,
// which is never loaded again, and a browser without JavaScript, which loads it anew at each stage.

import type { Browser, Page } from "@playwright/test";
import { expect, test } from "../reader.ts";
import { cluster, type Region } from "../cluster.ts";
import { DESKTOP, PHONE, hydrated } from "../layout.ts";
import { CATALOG, type Receipt } from "../serving.ts";

/** Regions of the demonstration's catalog, with the names that pages show. */
const CODES = ["ap-shanghai", "ap-guangzhou", "ap-nanjing"];
/**
 * A healthy page is up to 16 s old: its stamp is renewed every 10 s, and is up to a beat (5 s and a fifth) old then. So
 * this is the lowest bound within which it stays fresh by right and not by luck.
 */
const AMBER_SECONDS = 18;
/** No multiple of 10: a page that waited for its next regular stamp to withdraw its claims would be seen here. */
const GREY_SECONDS = 34;
/** Longest wait for news that travel at once, on an open page. */
const NEWS_MS_MAX = 15_000;
/** Longest wait for what a bound brings about: the bound, a stamp that was as old as it may be, a slow machine. */
const BOUND_MS_MAX = 1000 * (GREY_SECONDS + 30);
/** An open page counts from whole seconds, so it is up to a second ahead of one that is loaded; and that is rendered. */
const BEHIND_MS_MAX = 4_000;
/** No words of a page that may be as old as that. */
const CLAIMS = /operating|not affected|back to normal/i;

declare global {
  interface Window {
    /** Set by this test; gone when the document is another one. */
    regionsDocument?: boolean;
  }
}

/** The part of `/api/v1/status` that is looked at. */
interface Status {
  headline: { text: { en: string } };
  freshness: { state: string; confirmed_at: string };
  peers: number;
  silent: { region: string; as_of: string | null }[];
  heard: { region: string; at: string } | null;
  components: { status: string; cells: { status: string }[] }[];
}

test.use({ viewport: DESKTOP, locale: "en-GB", timezoneId: "Asia/Shanghai" });
test.setTimeout(240_000);

test("a page follows the other regions, tells who is silent, withdraws its claims alone, and recovers", async ({ page, browser }) => {
  const { regions, linked, remove } = await cluster(CODES, `[freshness]\namber_seconds = ${AMBER_SECONDS}\ngrey_seconds = ${GREY_SECONDS}\n`);
  const [shanghai, guangzhou, nanjing] = regions as [Region, Region, Region];
  try {
    const here = await shanghai.start();
    const others = { guangzhou: await guangzhou.start(), nanjing: await nanjing.start() };
    await Promise.all(regions.map(linked));
    await guangzhou.operate("catalog", "apply", CATALOG);
    const status = async () => (await (await fetch(`${here.origin}/api/v1/status`)).json()) as Status;
    await expect.poll(async () => (await status()).components.length, { timeout: NEWS_MS_MAX }).toBeGreaterThan(0);

    await page.goto(`${here.origin}/en/`);
    await hydrated(page);
    await page.evaluate(() => { window.regionsDocument = true; });
    const unreloaded = async () => expect(await page.evaluate(() => window.regionsDocument), "the document is the same").toBe(true);
    const reader = await withoutScript(browser);
    await reader.goto(`${here.origin}/en/`);
    // As a reader who asks again: a browser may keep a page for some seconds by itself.
    const load = () => reader.reload();
    let operating: string[] = [];
    const loaded = async () => { await load(); return reader.locator("html").getAttribute("data-freshness"); };

    await test.step("a post of another region arrives", async () => {
      await expect(page).toHaveTitle(/^All services are operating\./);
      const { incident } = await guangzhou.operate<Receipt>("incident", "open", "--title", "Posted in Guangzhou",
        "--impact", "major", "--status", "investigating", "--scope", "cloud-api=major_outage", "--text", "Written in Guangzhou.");
      await expect(page.locator("#incidents")).toContainText("Written in Guangzhou.", { timeout: NEWS_MS_MAX });
      await expect(page).toHaveTitle(/^Cloud API is down/);
      await load();
      await expect(reader.locator("#incidents")).toContainText("Written in Guangzhou.");
      await nanjing.operate("incident", "resolve", incident, "--text", "Resolved in Nanjing.");
      await expect(page).toHaveTitle(/^All services are operating\./, { timeout: NEWS_MS_MAX });
      await unreloaded();
      await expectState(page, "fresh");
      operating = await shapes(page);
      expect(operating, "all services are well").toHaveLength(1);
      await shoot(page, reader, load, "fresh");
    });

    await test.step("one region is killed: it is named with its time, and the page stays fresh", async () => {
      await others.nanjing.kill();
      const killed = new Date();
      const told = page.locator("#freshness .told");
      await expect(told).toHaveText(/^The status server in Nanjing has not been heard from since /, { timeout: BOUND_MS_MAX });
      await expectSince(page, killed);
      await expectState(page, "fresh");
      const { silent, heard, freshness } = await status();
      expect(silent.map(({ region }) => region)).toEqual(["ap-nanjing"]);
      expectBefore(silent[0]!.as_of, killed);
      expect(heard?.region).toBe("ap-guangzhou");
      expect(freshness.state).toBe("fresh");
      await load();
      await expectState(reader, "fresh");
      await expect(reader.locator("#freshness .told")).toContainText("Nanjing");
      await expectSince(reader, killed);
      await unreloaded();
      await shoot(page, reader, load, "silent");
    });

    await test.step("the other one is killed: cut off, amber, then nothing claims that services are operating", async () => {
      await others.guangzhou.kill();
      const killed = new Date();
      await expectState(page, "amber", BOUND_MS_MAX);
      await expect(page.locator("#freshness")).toContainText("Last confirmed");
      await expect(page.locator("#freshness .told")).toHaveText(/^Cut off from the other regions; last heard from Guangzhou at /, { timeout: NEWS_MS_MAX });
      await expectSince(page, killed);
      await expect(page, "amber withdraws nothing").toHaveTitle(/^All services are operating\./);
      await expect.poll(loaded, { timeout: BEHIND_MS_MAX }).toBe("amber");
      await expect(reader.locator("#freshness .told")).toContainText("Cut off from the other regions; last heard from Guangzhou at ");
      await shoot(page, reader, load, "cut-off-amber");

      await expectState(page, "grey", BOUND_MS_MAX);
      await expectNoClaim(page);
      await expect.poll(loaded, { timeout: BEHIND_MS_MAX }).toBe("grey");
      await expectNoClaim(reader);
      const unknown = await shapes(reader);
      expect(unknown).toHaveLength(1);
      expect(unknown).not.toEqual(operating);
      expect(await shapes(page), "the marks of the open page, too").toEqual(unknown);
      const { headline, freshness, components, peers, silent } = await status();
      expect(freshness.state).toBe("grey");
      expectBefore(freshness.confirmed_at, killed);
      expect(headline.text.en).toMatch(/^No trouble is known, but nothing has been confirmed /);
      const statuses = new Set(components.flatMap((component) => [component.status, ...component.cells.map((cell) => cell.status)]));
      expect([...statuses], "of every component and cell").toEqual(["unknown"]);
      expect(peers).toBe(2);
      expect(silent.map(({ region }) => region)).toEqual(["ap-guangzhou", "ap-nanjing"]);
      const summary = (await (await fetch(`${here.origin}/api/v2/summary.json`)).json()) as { status: { indicator: string; description: string } };
      expect(summary.status.indicator).not.toBe("none");
      expect(summary.status.description).not.toMatch(/^All services are operating/);
      await unreloaded();
      await shoot(page, reader, load, "cut-off-grey");
    });

    await test.step("they are started again: fresh, nobody is silent, and the claims are back", async () => {
      await Promise.all([guangzhou.start(), nanjing.start()]);
      await expectState(page, "fresh", BOUND_MS_MAX);
      await expect(page.locator("#freshness .told")).toHaveCount(0, { timeout: BOUND_MS_MAX });
      await expect(page).toHaveTitle(/^All services are operating\./);
      await expect(page.locator("#headline")).toContainText("All services are operating.");
      await load();
      await expectState(reader, "fresh");
      await expect(reader.locator("#freshness .told")).toHaveCount(0);
      await expect(reader).toHaveTitle(/^All services are operating\./);
      expect((await status()).silent).toEqual([]);
      await unreloaded();
      await shoot(page, reader, load, "again");
    });
    await reader.context().close();
  } finally {
    await remove();
  }
});

async function withoutScript(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: PHONE, locale: "en-GB", timezoneId: "Asia/Shanghai" });
  return context.newPage();
}

async function expectState(page: Page, state: "fresh" | "amber" | "grey", timeout = NEWS_MS_MAX) {
  await expect(page.locator("html")).toHaveAttribute("data-freshness", state, { timeout });
}

/** What is told of another region is as of a moment before it was dead, and not long before. */
async function expectSince(page: Page, killed: Date) {
  expectBefore(await page.locator("#freshness .told time").getAttribute("datetime"), killed);
}

function expectBefore(instant: string | null, killed: Date) {
  expect(instant).not.toBeNull();
  const secondsBefore = (killed.getTime() - Date.parse(instant ?? "")) / 1000;
  expect(secondsBefore, `${instant} is before ${killed.toISOString()}`).toBeGreaterThanOrEqual(0);
  expect(secondsBefore, `${instant} is not long before ${killed.toISOString()}`).toBeLessThan(AMBER_SECONDS);
}

/** Title, headline, marks, tables, the days: the words that readers see, and those that are read out to them. */
async function expectNoClaim(page: Page) {
  expect(await page.title()).not.toMatch(CLAIMS);
  const claims = page.locator(".claim");
  expect(await claims.count()).toBeGreaterThan(0);
  for (const part of await page.locator("#headline, #now, #services").all()) await expect(part).not.toContainText(CLAIMS);
  const named = page.locator("#now [aria-label], #services [aria-label], #now [title], #services [title]");
  const names = await named.evaluateAll((all) => all.map((one) => `${one.getAttribute("aria-label")} ${one.getAttribute("title")}`));
  expect(names.filter((name) => CLAIMS.test(name))).toEqual([]);
}

/** The shapes of the marks of the present, as they are seen. */
async function shapes(page: Page): Promise<string[]> {
  const seen = await page.locator("#now .mark path, #services .mark path").evaluateAll((all) =>
    all.map((path) => getComputedStyle(path).getPropertyValue("d")));
  return [...new Set(seen)];
}

/** With `SHOTS=1`, for people to look at. */
async function shoot(page: Page, reader: Page, load: () => Promise<unknown>, stage: string) {
  if (!process.env.SHOTS) return;
  await page.screenshot({ path: `shots/regions-${stage}-desk.png` });
  await load();
  await reader.screenshot({ path: `shots/regions-${stage}-phone.png` });
}
