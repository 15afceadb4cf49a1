// Every page of the site without JavaScript: reachable by links, valid, described, printable. And accessible, which only a
// browser that runs scripts can measure.

import { expect, test } from "../reader.ts";
import { expectAccessible } from "../accessibility.ts";
import { crawl, type Visited } from "../crawl.ts";
import { expectValidHtml } from "../html.ts";
import { DESKTOP, NARROWEST, PHONE, expectNoSidewaysScroll } from "../layout.ts";
import { INCIDENT } from "../replay.ts";

/** One of each kind of page, below the language. */
const KINDS = ["/", "/regions/ap-shanghai", "/components/cloud-api", "/history", "/history/2024-04", `/incidents/${INCIDENT}`, "/verify"];

test.use({ javaScriptEnabled: false, viewport: DESKTOP });

test("links reach every page, and each is there, valid and described", async ({ demo }) => {
  const { origin } = await demo("17:46");
  const visited = await crawl(origin);
  const missing = visited.filter(({ status }) => status !== 200);
  expect(missing.map(({ path, status, from }) => `${status} ${path} from ${from}`)).toEqual([]);
  const pages = visited.filter(({ type }) => type.startsWith("text/html"));
  const paths = new Set(pages.map(({ path }) => path));
  for (const language of ["/en", "/zh"]) {
    for (const kind of KINDS) expect(paths, "is linked").toContain(language + kind);
  }
  for (const kind of ["history.rss", "history.atom", "history.json", "maintenance.ics", "api/v2/summary.json"]) {
    expect(visited.some(({ path }) => path.endsWith(kind)), `${kind} is linked`).toBe(true);
  }
  for (const page of pages) {
    await expectValidHtml(page.body, page.path);
    expectDescribed(page);
  }
});

test("titles tell the pages of a language apart", async ({ demo }) => {
  const { origin } = await demo("17:46");
  const pages = (await crawl(origin)).filter(({ path, type }) => type.startsWith("text/html") && path.startsWith("/en/"));
  const titles = new Map<string, string>();
  for (const { path, body } of pages) {
    const title = /<title(?: [^>]*)?>([^<]*)<\/title>/.exec(body)?.[1] ?? "";
    expect(titles.get(title), `${path} has a title of its own: ${title}`).toBeUndefined();
    titles.set(title, path);
  }
});

test("a page that is not there says so, with a way home", async ({ page, demo }) => {
  const { origin } = await demo("17:46");
  for (const path of ["/en/nowhere", "/en/incidents/000000000000", "/zh/regions/mars"]) {
    const response = await page.goto(origin + path);
    expect(response?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("main").getByRole("link").first()).toBeVisible();
    await expectValidHtml((await response?.text()) ?? "", path);
  }
});

for (const kind of KINDS) {
  test(`${kind} does not scroll sideways on the narrowest screen`, async ({ page, demo }) => {
    const { origin } = await demo("17:46");
    for (const language of ["/en", "/zh"]) {
      await page.goto(origin + language + kind);
      await expectNoSidewaysScroll(page, NARROWEST);
    }
  });
}

for (const [colorScheme, language] of [["light", "/en"], ["dark", "/zh"]] as const) {
  test.describe(colorScheme, () => {
    test.use({ javaScriptEnabled: true, viewport: PHONE, colorScheme });

    for (const kind of KINDS) {
      test(`${kind} is accessible on a phone`, async ({ page, demo }) => {
        const { origin } = await demo("17:46");
        await page.goto(origin + language + kind);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expectAccessible(page);
      });
    }
  });
}

test("the home page prints on one page, in black on white", async ({ page, demo }) => {
  const { origin } = await demo("16:06");
  await page.goto(`${origin}/en/`);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(page.locator("#headline")).toBeVisible();
  const colours = await page.evaluate(() => {
    const { backgroundColor } = getComputedStyle(document.body);
    return { backgroundColor, color: getComputedStyle(document.getElementById("headline") ?? document.body).color };
  });
  expect(luminance(colours.backgroundColor), `paper ${colours.backgroundColor}`).toBeGreaterThan(0.95);
  expect(luminance(colours.color), `ink ${colours.color}`).toBeLessThan(0.2);
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.toString("latin1").match(/\/Type\s*\/Page\b/g), "pages").toHaveLength(1);
});

function expectDescribed({ path, body }: Visited) {
  const language = path.startsWith("/zh") ? "zh-CN" : "en";
  expect(body, path).toMatch(new RegExp(`<html[^>]* lang="${language}"`));
  expect(body, path).toMatch(/<title(?: [^>]*)?>[^<]{5,}<\/title>/);
  expect(body, path).toMatch(/<meta name="description" content="[^"]{5,}"/);
  expect(body, path).toMatch(/<link rel="canonical" href="https:\/\/status\.example\.com\/(en|zh)\//);
  for (const other of ["en", "zh-CN", "x-default"]) {
    expect(body, path).toMatch(new RegExp(`<link rel="alternate" hreflang="${other}" href="https://status\\.example\\.com/`));
  }
}

/** Rough lightness of a computed colour, 0 to 1; a colour that cannot be seen is the paper. */
function luminance(colour: string): number {
  const numbers = (colour.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
  const [first = 0, second = 0, third = 0, alpha = 1] = numbers;
  if (alpha === 0) return 1;
  if (colour.startsWith("oklch") || colour.startsWith("oklab")) return first;
  return (first + second + third) / 3 / 255;
}
