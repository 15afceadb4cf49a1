// The pages of the demonstration, as a reader sees them: phone and desk, light and dark, both languages.

import { createHmac } from "node:crypto";
import type { Page } from "@playwright/test";
import { administrate, LOGIN, openFirst, PASSWORD } from "./administrator.ts";
import { expect, startDemo, test } from "./reader.ts";
import { DESKTOP, PHONE } from "./layout.ts";
import { INCIDENT } from "./replay.ts";
import { serve } from "./serving.ts";

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
  { name: "past", path: "/past" },
  { name: "edit", path: `/incidents/${INCIDENT}/edit` },
  { name: "postmortem", path: `/incidents/${INCIDENT}/postmortem` },
];

/** The code of an authenticator at this moment (RFC 6238). */
function codeOf(secret: string): string {
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/[\s=]/g, "")].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(step).digest();
  const at = hash.at(-1)! & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Presses the button of the form's end, and waits for what comes of it. */
async function press(page: Page, name: string, shows: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).last().click();
  await expect(page.locator(shows)).toBeVisible();
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`console ${colorScheme}`, () => {
    test.use({ viewport: PHONE, colorScheme, timezoneId: "Asia/Shanghai", locale: "en-GB", refused: true });

    test("every page", async ({ page }) => {
      const demo = await startDemo(["--at", "16:06"]);
      try {
        const shot = (name: string) => page.screenshot({ path: `../server/docs/console/${name}-${colorScheme}.png` });
        await page.goto(`${demo.origin}/admin/sign-in`);
        await shot("sign-in");
        await page.goto(`${demo.origin}/admin/break-glass`);
        await shot("break-glass");
        await openFirst(page, demo);
        await shot("first");
        await administrate(page, demo);
        for (const { name, path } of CONSOLE) {
          await page.goto(`${demo.origin}/admin${path}`);
          await shot(name);
        }
        await page.goto(`${demo.origin}/admin/incidents/${INCIDENT}`);
        await page.locator('[name="text"]').fill("Shanghai has recovered.");
        await page.getByRole("button", { name: "Shanghai is back", exact: true }).click();
        await page.getByRole("button", { name: "Review" }).last().click();
        await expect(page.locator("#preview")).toBeVisible();
        await shot("review");

        const incident = `${demo.origin}/admin/incidents/${INCIDENT}`;
        await page.goto(incident);
        await page.locator("summary", { hasText: "Change an update" }).click();
        await page.locator(`main a[href*="/updates/"]`).first().click();
        await expect(page.locator('[name="text"]')).not.toBeEmpty();
        await shot("edit-update");
        await page.goto(`${incident}/edit`);
        await page.locator('[name="title"]').fill("Cloud API unavailable in all regions");
        await press(page, "Review", "#will-change");
        await shot("edit-review");

        // Somebody else posts while this one writes.
        await page.goto(incident);
        const other = await page.context().newPage();
        await other.goto(incident);
        await other.locator('[name="text"]').fill("Traffic of Shanghai is redirected.");
        await press(other, "Review", "#publish");
        await press(other, "Publish", "#saved");
        await other.close();
        await page.locator('[name="text"]').fill("Shanghai is nearly back.");
        await press(page, "Review", "#overtaken");
        await shot("overtaken");

        await page.goto(`${demo.origin}/admin/maintenances/new`);
        await page.locator('[name="title"]').fill("New switches in Shanghai");
        await page.locator('[name="text"]').fill("Connections may be reset once.");
        await page.locator('[name="from"]').fill("2030-01-15T02:00");
        await page.locator('[name="until"]').fill("2030-01-15T04:00");
        await press(page, "Review", "#publish");
        await press(page, "Publish", "#saved");
        await shot("planned");

      } finally {
        await demo.stop();
      }
    });

    // On a clock of its own the demonstration takes no authenticator's code.
    test("the second step", async ({ page }) => {
      const site = await serve();
      try {
        await administrate(page, site);
        await page.goto(`${site.origin}/admin/account`);
        await page.locator("#second-factor form").first().locator('[type="password"]').fill(PASSWORD);
        await page.locator("#second-factor button").first().click();
        await page.locator('[name="code"]').fill(codeOf(await page.locator("#secret").innerText()));
        await page.getByRole("button", { name: "Turn the second factor on" }).click();
        await expect(page.locator("#second-factor")).toContainText("Signing in asks for a code");
        await page.context().clearCookies();
        await page.goto(`${site.origin}/admin/sign-in`);
        await page.locator("#login").fill(LOGIN);
        await page.locator("#password").fill(PASSWORD);
        await page.getByRole("button", { name: "Sign in", exact: true }).click();
        await expect(page.locator('[name="code"]')).toBeVisible();
        await page.screenshot({ path: `../server/docs/console/second-step-${colorScheme}.png` });
      } finally {
        await site.stop();
      }
    });
  });
}
