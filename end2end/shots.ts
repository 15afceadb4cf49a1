// The pages of the demonstration, as a reader sees them: phone and desk, light and dark, both languages.

import { administrate } from "./administrator.ts";
import { expect, startDemo, test } from "./reader.ts";
import { DESKTOP, PHONE } from "./layout.ts";
import { INCIDENT } from "./replay.ts";

const SHOTS = [
  { name: "home", at: "16:05", path: "/" },
  { name: "home-start", at: "15:24", path: "/" },
  { name: "home-over", at: "17:46", path: "/" },
  { name: "incident", at: "16:05", path: `/incidents/${INCIDENT}` },
  { name: "incident-over", at: "17:46", path: `/incidents/${INCIDENT}` },
  { name: "region", at: "16:05", path: "/regions/ap-shanghai" },
  { name: "component", at: "16:05", path: "/components/cloud-api" },
  { name: "history", at: "17:46", path: "/history" },
  { name: "not-found", at: "17:46", path: "/nowhere" },
];

for (const [device, viewport] of [["desk", DESKTOP], ["phone", PHONE]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const language of ["en", "zh"]) {
      test.describe(`${device} ${colorScheme} ${language}`, () => {
        test.use({ viewport, colorScheme, timezoneId: "Asia/Shanghai", locale: language === "en" ? "en-GB" : "zh-CN" });

        for (const { name, at, path } of SHOTS) {
          test(name, async ({ page, demo }) => {
            const { origin } = await demo(at);
            await page.goto(`${origin}/${language}${path}`);
            const age = page.locator("#freshness .age");
            if (await age.count()) await expect(age).not.toBeEmpty();
            await page.screenshot({ path: `shots/${name}-${device}-${colorScheme}-${language}.png`, fullPage: true });
          });
        }
      });
    }
  }
}

/** Pages of the console, as an administrator sees them: the pictures of its documentation. */
const CONSOLE = [
  { name: "overview", path: "" },
  { name: "report", path: "/incidents/new" },
  { name: "incident", path: `/incidents/${INCIDENT}` },
  { name: "maintenance", path: "/maintenances/new" },
  { name: "templates", path: "/templates" },
  { name: "catalog", path: "/catalog" },
  { name: "regions", path: "/cluster" },
  { name: "audit", path: "/audit" },
  { name: "account", path: "/account" },
  { name: "operators", path: "/operators" },
  { name: "tokens", path: "/tokens" },
];

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`console ${colorScheme}`, () => {
    test.use({ viewport: PHONE, colorScheme, timezoneId: "Asia/Shanghai", locale: "en-GB" });

    test("every page", async ({ page }) => {
      const demo = await startDemo(["--at", "16:06"]);
      try {
        const shot = (name: string) => page.screenshot({ path: `../server/docs/console/${name}-${colorScheme}.png` });
        await page.goto(`${demo.origin}/admin/sign-in`);
        await shot("sign-in");
        await page.goto(`${demo.origin}/admin/break-glass`);
        await shot("break-glass");
        await administrate(page, demo);
        for (const { name, path } of CONSOLE) {
          await page.goto(`${demo.origin}/admin${path}`);
          await shot(name);
        }
        await page.goto(`${demo.origin}/admin/incidents/${INCIDENT}`);
        await page.locator('[name="text"]').fill("Shanghai has recovered.");
        await page.getByRole("button", { name: "Shanghai is back" }).click();
        await page.getByRole("button", { name: "Review" }).last().click();
        await expect(page.locator("#preview")).toBeVisible();
        await shot("review");
      } finally {
        await demo.stop();
      }
    });
  });
}
