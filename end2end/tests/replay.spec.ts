// 8 April 2024 step by step: what a reader of the home page learns at each moment, in both languages, with JavaScript
// and without, on a phone and on a desk.

import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../reader.ts";
import { expectAccessible } from "../accessibility.ts";
import { DESKTOP, NARROWEST, PHONE, expectNoSidewaysScroll, hydrated } from "../layout.ts";
import { MOMENTS, type Line, type Told, at } from "../replay.ts";
import { withoutBundle } from "../scripts_off.ts";

/** Between them every scheme is looked at on every device at every moment; axe is slow. */
const LANGUAGES = [
  { told: "en", locale: "en-GB", lang: "en", desk: "light", phone: "dark" },
  { told: "zh", locale: "zh-CN", lang: "zh-CN", desk: "dark", phone: "light" },
] as const;

test.use({ timezoneId: "Asia/Shanghai", viewport: DESKTOP });

for (const script of [true, false]) {
  for (const language of LANGUAGES) {
    test.describe(`${language.lang}, JavaScript ${script ? "on" : "off"}`, () => {
      test.use({ locale: language.locale, javaScriptEnabled: script });

      for (const moment of MOMENTS) {
        test(`the home page at ${moment.at}`, async ({ page, demo }) => {
          const told = moment[language.told];
          const { origin } = await demo(moment.at);
          await page.goto(origin);
          await expect(page.locator("html")).toHaveAttribute("lang", language.lang);
          await expect(page.locator("html")).toHaveAttribute("data-freshness", "fresh");
          if (script) await hydrated(page);
          await expectTold(page, told);
          for (const line of told.lines) await expectLine(page, line, true);
          await expectFreshnessLine(page);
          if (script) await expectAccessibleIn(page, language.desk);

          await page.setViewportSize(PHONE);
          await expectTold(page, told);
          for (const line of told.lines) await expectLine(page, line, false);
          if (script) await expectAccessibleIn(page, language.phone);
          await expectNoSidewaysScroll(page, PHONE);
          await expectNoSidewaysScroll(page, NARROWEST);
        });
      }
    });
  }
}

test("the home page without its bundle is accessible too", async ({ page, demo }) => {
  const { origin } = await demo("16:06");
  await withoutBundle(page);
  await page.goto(origin);
  await expect(page.locator("#headline")).toBeVisible();
  await expectAccessibleIn(page, "light");
  await page.setViewportSize(PHONE);
  await expectAccessibleIn(page, "dark");
});

async function expectTold(page: Page, told: Told) {
  await expect(page.locator("#headline")).toHaveText(told.headline);
  for (const words of told.card) await expect(page.locator("#now")).toContainText(words);
  for (const fact of told.facts) await expect(page.locator("main")).toContainText(fact);
  // The sentence is the page's title and its description as well.
  const headline = (await page.locator("#headline").innerText()).trim();
  expect(await page.title()).toContain(headline.replace(/[.。]$/, ""));
  await expect(page.locator("meta[name=description]")).toHaveAttribute("content", new RegExp(escaped(headline)));
}

/** The line of a service, wherever the page shows it at this width: in the table, or in the list. */
async function expectLine(page: Page, line: Line, isWide: boolean) {
  const table = page.locator("#services table");
  const isTable = await table.isVisible();
  const name = page.getByRole("link", { name: line.service, exact: true });
  const row: Locator = isTable
    ? table.locator("tr").filter({ has: name })
    : page.locator("#services li").filter({ has: name });
  await expect(row).toBeVisible();
  for (const words of line.words) await expect(row).toContainText(words);
  if (isWide) for (const link of line.links ?? []) await expect(row.getByRole("link", { name: link })).toBeVisible();
}

/** Never absent: as of when, which board, and without script until when to trust it. */
async function expectFreshnessLine(page: Page) {
  const line = page.locator("#freshness");
  await expect(line).toBeVisible();
  await expect(line.locator("time").first()).toHaveText(new RegExp(at("\\d\\d:\\d\\d:\\d\\d")));
}

async function expectAccessibleIn(page: Page, colorScheme: "light" | "dark") {
  await page.emulateMedia({ colorScheme });
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: null });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
