// What an operator types is there again after the session has ended: kept by the browser with script, carried through the
// sign-in page without.

import type { BrowserContext, Page } from "@playwright/test";
import { expect, startDemo, test } from "../reader.ts";
import { INCIDENT } from "../replay.ts";
import { expectAccessible } from "../accessibility.ts";
import { LOGIN, PASSWORD, administrate } from "../administrator.ts";
import { PHONE } from "../layout.ts";

const POSTMORTEM = "## Why\n\nA configuration was <pushed> everywhere & at once.\n\n变更";
const REGION = '\n[[region]]\ncode = "xx-new"\nname = "New"\n';

/** As at the end of a shift. */
async function endSession(context: BrowserContext) {
  await context.clearCookies({ name: "holdfast-session" });
}

async function signIn(page: Page) {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  await page.locator("#login").fill(LOGIN);
  await page.locator("#password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test.describe("with JavaScript", () => {
  test.use({ viewport: PHONE, locale: "en-GB", timezoneId: "Asia/Shanghai", refused: true });

  test("drafts of a postmortem and of the catalog survive an ended session, and are gone once they are saved", async ({ page, context }) => {
    const demo = await startDemo(["--at", "18:00"]);
    try {
      await administrate(page, demo);
      const postmortem = `${demo.origin}/admin/incidents/${INCIDENT}/postmortem`;
      const [text, file] = [page.locator('[name="text"]'), page.locator('[name="file"]')];
      await page.goto(postmortem);
      const held = await text.inputValue();
      await text.fill(POSTMORTEM);
      await page.goto(`${demo.origin}/admin/catalog`);
      const catalog = (await file.inputValue()) + REGION;
      await file.fill(catalog);
      await endSession(context);
      await page.goto(postmortem);
      await signIn(page);
      await expect(page).toHaveURL(postmortem);
      await expect(page.locator("#restored")).toBeVisible();
      await expect(text).toHaveValue(POSTMORTEM);
      // It is shown as readers will see it, as if it was typed now.
      await expect(page.locator("#live h4, #live h3").filter({ hasText: "Why" })).toBeVisible();
      await page.getByRole("button", { name: "Review" }).click();
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.locator("#saved")).toContainText("Published");
      await page.goto(postmortem);
      await expect(page.locator("#restored")).toBeHidden();
      await expect(text).toHaveValue(POSTMORTEM);
      expect(held).not.toBe(POSTMORTEM);

      await page.goto(`${demo.origin}/admin/catalog`);
      await expect(page.locator("#restored")).toBeVisible();
      await expect(file).toHaveValue(catalog);
      await page.getByRole("button", { name: "Show" }).click();
      await expect(page.locator("#plan")).toContainText("+ region xx-new");
      await page.getByRole("button", { name: "Apply" }).click();
      await expect(page.locator("#saved")).toContainText("Published");
      await expect(page.locator("#restored")).toBeHidden();
      await page.goto(`${demo.origin}/admin/catalog`);
      await expect(page.locator("#restored")).toBeHidden();
    } finally {
      await demo.stop();
    }
  });

  test("a draft is put back for its writer alone, and what somebody else changed since is told", async ({ page, context }) => {
    const demo = await startDemo(["--at", "18:00"]);
    try {
      await administrate(page, demo);
      const postmortem = `${demo.origin}/admin/incidents/${INCIDENT}/postmortem`;
      const text = page.locator('[name="text"]');
      await page.goto(postmortem);
      await text.fill("What I was writing.");
      // Another account in the same tab.
      await page.locator('[name="by"]').evaluate((by) => by.setAttribute("value", "somebody else"));
      const kept = await page.evaluate(() => Object.keys(sessionStorage));
      expect(kept).toHaveLength(1);
      await page.evaluate(([key]) => {
        sessionStorage.setItem(key.replace(/draft \S+ /, "draft another "), sessionStorage.getItem(key)!);
        sessionStorage.removeItem(key);
      }, kept as [string]);
      await page.goto(postmortem);
      await expect(page.locator("#restored")).toBeHidden();
      await expect(text).not.toHaveValue("What I was writing.");

      await text.fill("What I was writing.");
      const other = await context.newPage();
      await other.goto(postmortem);
      await other.locator('[name="text"]').fill("Published **meanwhile**.");
      await other.getByRole("button", { name: "Review" }).click();
      await other.getByRole("button", { name: "Publish" }).click();
      await expect(other.locator("#saved")).toBeVisible();
      await other.close();
      await page.reload();
      await expect(text).toHaveValue("What I was writing.");
      await page.getByRole("button", { name: "Review" }).click();
      await expect(page.locator("#refusals")).toContainText("somebody changed this incident while you were writing");
      await expect(text).toHaveValue("What I was writing.");
    } finally {
      await demo.stop();
    }
  });
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "sent too late, with JavaScript" : "sent too late, without JavaScript", () => {
    test.use({ viewport: PHONE, locale: "en-GB", timezoneId: "Asia/Shanghai", javaScriptEnabled, refused: true });

    test("a form comes through signing in again as it was typed", async ({ page, context }) => {
      const demo = await startDemo(["--at", "18:00"]);
      try {
        await administrate(page, demo);
        await page.goto(`${demo.origin}/admin/incidents/${INCIDENT}/postmortem`);
        await page.locator('[name="text"]').fill(POSTMORTEM);
        await endSession(context);
        await page.getByRole("button", { name: "Review" }).click();
        await expect(page.locator("#refusals")).toContainText("what you typed is kept");
        await signIn(page);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed in again");
        if (javaScriptEnabled) await expectAccessible(page);
        await page.getByRole("button", { name: "Go on with it" }).click();
        await expect(page.locator("#refusals")).toContainText("nothing was done yet");
        await expect(page.locator('[name="text"]')).toHaveValue(POSTMORTEM);
        await page.getByRole("button", { name: "Review" }).click();
        await page.getByRole("button", { name: "Publish" }).click();
        await expect(page.locator("#saved")).toContainText("Published");

        await page.goto(`${demo.origin}/admin/catalog`);
        const file = page.locator('[name="file"]');
        const catalog = (await file.inputValue()) + REGION;
        await file.fill(catalog);
        await endSession(context);
        await page.getByRole("button", { name: "Show" }).click();
        await signIn(page);
        await page.getByRole("button", { name: "Go on with it" }).click();
        await expect(page.locator("#plan")).toContainText("+ region xx-new");
        await page.getByRole("button", { name: "Apply" }).click();
        await expect(page.locator("#saved")).toContainText("Published");
      } finally {
        await demo.stop();
      }
    });
  });
}
