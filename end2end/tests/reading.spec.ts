// What a reader chooses is remembered, times are the reader's own, and each region and component has a page.

import { expect, test } from "../reader.ts";
import { expectAccessible } from "../accessibility.ts";
import { DESKTOP, hydrated } from "../layout.ts";
import { INCIDENT } from "../replay.ts";

test.use({ locale: "en-GB", viewport: DESKTOP, colorScheme: "light", timezoneId: "Asia/Shanghai" });

test("the theme is switched and remembered", async ({ page, demo }) => {
  const { origin } = await demo("16:06");
  await page.goto(`${origin}/en/`);
  const html = page.locator("html");
  const theme = page.getByLabel("Colours");
  await expect(theme).toBeVisible();
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await theme.selectOption("dark");
  await expect(html).toHaveAttribute("data-theme", "dark");
  await expect.poll(paper).not.toBe(light);
  const dark = await paper();
  await page.reload();
  await expect(html).toHaveAttribute("data-theme", "dark");
  await expect.poll(paper).toBe(dark);
  await page.goto(`${origin}/en/incidents/${INCIDENT}`);
  await expect(html).toHaveAttribute("data-theme", "dark");
  await theme.selectOption("system");
  await expect(html).not.toHaveAttribute("data-theme");
  await expect.poll(paper).toBe(light);
});

test.describe("a reader in another zone", () => {
  test.use({ timezoneId: "America/New_York" });

  test("reads times of that zone, with UTC behind them", async ({ page, demo }) => {
    const { origin } = await demo("17:46");
    await page.goto(`${origin}/en/incidents/${INCIDENT}`);
    await hydrated(page);
    // 15:23 in UTC+8 is 03:23 in New York, which is four hours behind UTC in April.
    const time = page.locator(".timeline time[datetime='2024-04-08T07:23:00Z']").first();
    await expect(time).toHaveText(/^03:23 (GMT-4|EDT|UTC-4)$/);
    await expect(time).toHaveAttribute("title", "2024-04-08 07:23:00 UTC");
    const zones = await page.locator("time[datetime*='T']").allTextContents();
    expect(zones.filter((text) => text.includes("+8")), "no time is left in the page's zone").toEqual([]);
  });

  test.describe("without JavaScript", () => {
    test.use({ javaScriptEnabled: false });

    test("reads times of the page's zone, which is named", async ({ page, demo }) => {
      const { origin } = await demo("17:46");
      await page.goto(`${origin}/en/incidents/${INCIDENT}`);
      const time = page.locator(".timeline time[datetime='2024-04-08T07:23:00Z']").first();
      await expect(time).toHaveText("15:23 UTC+8");
    });
  });
});

test("a region is a page of its own, and remembered", async ({ page, demo }) => {
  const { origin } = await demo("16:06");
  await page.goto(`${origin}/en/`);
  await page.locator("#regions > summary").click();
  await page.locator("#regions").getByRole("link", { name: "Shanghai" }).click();
  await expect(page).toHaveURL(`${origin}/en/regions/ap-shanghai`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Shanghai");
  await expect(page.locator("#headline")).toHaveText(/Cloud API and 5 services are down in Shanghai/);
  await hydrated(page);
  await expectAccessible(page);

  await page.goto(`${origin}/en/`);
  const mine = page.locator("#my-region a");
  await expect(mine).toBeVisible();
  await expect(mine).toHaveText("Shanghai");
  await mine.click();
  await expect(page).toHaveURL(`${origin}/en/regions/ap-shanghai`);
});

test("a region that has recovered says so", async ({ page, demo }) => {
  const { origin } = await demo("16:06");
  await page.goto(`${origin}/en/regions/ap-tokyo`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Tokyo");
  // The console serves every region from one place, and is not back.
  await expect(page.locator("#headline")).toHaveText(/^Console is partly down/);
  await expect(page.locator("main")).not.toContainText(/Shanghai: major outage/);
});

test("a component has its regions, its incidents and its ninety days", async ({ page, demo }) => {
  const { origin } = await demo("16:06");
  await page.goto(`${origin}/en/components/cloud-api`);
  await hydrated(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Cloud API");
  const main = page.locator("main");
  await expect(main).toContainText("The interface through which resources are created and managed.");
  await expect(main).toContainText(/Shanghai/);
  await expect(main).toContainText(/major outage/);
  await expect(main.getByRole("link", { name: /Cloud API and console unavailable in all regions/ }).first()).toBeVisible();
  await expect(main).toContainText(/\d{2,3}\.\d{2} ?%/);
  await expect(page.locator("svg.days").first()).toHaveAttribute("aria-label", /day/);
  await expectAccessible(page);
});
