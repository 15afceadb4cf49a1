// The page of the incident of 8 April 2024: where it stands, from when to when each part was affected, why, and when to
// expect what.

import { expect, test } from "../reader.ts";
import { expectAccessible } from "../accessibility.ts";
import { DESKTOP, NARROWEST, expectNoSidewaysScroll, hydrated } from "../layout.ts";
import { INCIDENT, at } from "../replay.ts";

/** What the page says at each moment, beside its title. */
const STORY: { at: string; says: RegExp[]; updates: number }[] = [
  { at: "15:24", says: [/Investigating/], updates: 1 },
  { at: "15:58", says: [/Root cause/, /Erroneous configuration data reached every region\./, new RegExp(at("16:05"))], updates: 3 },
  { at: "16:06", says: [/16 of 17 regions have recovered/, new RegExp(at("16:30"))], updates: 5 },
  { at: "16:46", says: [/circular dependency/, new RegExp(at("16:50"))], updates: 7 },
  { at: "17:46", says: [/Resolved/, /this incident is closed/], updates: 9 },
];

/** Lines of the recovery table once all is over: what, from, until, length, worst. */
const RECOVERY = [
  [/16 regions/, at("15:23"), at("16:05"), "42 min", "major outage"],
  [/Shanghai/, at("15:23"), at("16:45"), "82 min", "major outage"],
  [/Console/, at("15:23"), at("16:50"), "87 min", "major outage"],
] as const;

test.use({ timezoneId: "Asia/Shanghai", locale: "en-GB", viewport: DESKTOP });

for (const script of [true, false]) {
  test.describe(`JavaScript ${script ? "on" : "off"}`, () => {
    test.use({ javaScriptEnabled: script });

    for (const step of STORY) {
      test(`at ${step.at}`, async ({ page, demo }) => {
        const { origin } = await demo(step.at);
        await page.goto(`${origin}/incidents/${INCIDENT}`);
        if (script) await hydrated(page);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText("Cloud API and console unavailable in all regions");
        for (const words of step.says) await expect(page.locator("main")).toContainText(words);
        await expect(page.locator(".timeline > li")).toHaveCount(step.updates);
        if (script) {
          await page.emulateMedia({ colorScheme: step.updates % 4 === 1 ? "light" : "dark" });
          await expectAccessible(page);
        }
        await expectNoSidewaysScroll(page, NARROWEST);
      });
    }

    test("the recovery strip tells its facts as a table", async ({ page, demo }) => {
      const { origin } = await demo("17:46");
      await page.goto(`${origin}/en/incidents/${INCIDENT}`);
      if (script) await hydrated(page);
      await page.locator("#recovery-table > summary").click();
      const table = page.locator("#recovery table");
      await expect(table).toBeVisible();
      for (const [what, ...cells] of RECOVERY) {
        const row = table.locator("tbody tr").filter({ hasText: what });
        await expect(row).toHaveCount(1);
        for (const cell of cells) await expect(row).toContainText(new RegExp(cell));
      }
      await expect(table.locator("tbody tr")).toHaveCount(RECOVERY.length);
    });

    test("the strip draws seventeen regions and the console", async ({ page, demo }) => {
      const { origin } = await demo("17:46");
      await page.goto(`${origin}/en/incidents/${INCIDENT}`);
      const rows = page.locator(".strip-row");
      await expect(rows).toHaveCount(3);
      const widths = await rows.evaluateAll((groups) => groups.map((group) => {
        const drawn = group.querySelector("svg")?.getBoundingClientRect().width ?? 0;
        const ends = [...group.querySelectorAll("rect")].map((bar) => bar.getBoundingClientRect());
        const begin = Math.min(...ends.map((bar) => bar.left));
        const bars = new Set(ends.map((bar) => Math.round(bar.top))).size;
        return { bars, share: (Math.max(...ends.map((bar) => bar.right)) - begin) / drawn };
      }));
      expect(widths.map(({ bars }) => bars)).toEqual([16, 1, 1]);
      // 42, 82 and 87 of 87 minutes.
      for (const [index, minutes] of [42, 82, 87].entries()) {
        expect(widths[index]?.share, `bar of ${minutes} minutes`).toBeCloseTo(minutes / 87, 2);
      }
    });

    test("each update says what it changed, as words", async ({ page, demo }) => {
      const { origin } = await demo("17:46");
      await page.goto(`${origin}/en/incidents/${INCIDENT}`);
      const update = page.locator(".timeline > li").filter({ hasText: "Every region but Shanghai has recovered." });
      await expect(update.locator(".changes")).toContainText(/16 regions.*major outage → operating/);
      await expect(update.locator(".changes")).toContainText(/Console.*major outage → partial outage/);
    });
  });
}

test("the whole story in Chinese", async ({ page, demo }) => {
  const { origin } = await demo("17:46");
  await page.goto(`${origin}/zh/incidents/${INCIDENT}`);
  await hydrated(page);
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("所有地域的云 API 与控制台不可用");
  await expect(page.locator("main")).toContainText("经过一小时观察未再出现问题，本次故障关闭。");
  await expect(page.locator("main")).not.toContainText(/investigating|outage|region/i);
  await expectAccessible(page);
});
