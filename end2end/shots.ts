// The pages of the demonstration, as a reader sees them: phone and desk, light and dark, both languages.

import { expect, test } from "./reader.ts";
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
