// Every page of the console, on a phone, in both languages and themes; and what Chromium says of forms that ask for a
// password.

import type { Page } from "@playwright/test";
import { expect, startDemo, test } from "../reader.ts";
import { expectAccessible } from "../accessibility.ts";
import { administrate } from "../administrator.ts";
import { checked, follow } from "../console_page.ts";
import { PHONE } from "../layout.ts";
import { INCIDENT } from "../replay.ts";

/** Every page that stands on its own, and what an administrator finds at the demonstration's incident. */
const PAGES = [
  "", "/incidents/new", "/maintenances/new", "/templates", "/catalog", "/cluster", "/past", "/audit", "/operators", "/tokens",
  "/account", `/incidents/${INCIDENT}`, `/incidents/${INCIDENT}/edit`, `/incidents/${INCIDENT}/postmortem`,
];
/** What stays as it is in every language: formats, zones, and how the test's operator and region are called. */
const NO_ENGLISH = new Set(["API", "Asia", "CSV", "English", "JSON", "Li", "Markdown", "PIN", "Shanghai", "TOML", "UTC", "Wei", "demo", "wei"]);
/** There a thing is called what a person or a file calls it. */
const NAMES = "textarea, code, th, .names";

test.use({ viewport: PHONE, timezoneId: "Asia/Shanghai" });
test.beforeEach(({ page }) => { follow(page); });

for (const [locale, colorScheme] of [["en-GB", "light"], ["en-GB", "dark"], ["zh-CN", "light"]] as const) {
  test.describe(`${locale}, ${colorScheme}`, () => {
    test.use({ locale, colorScheme });
    test.setTimeout(120_000);

    test("every page is valid, accessible, no wider than a phone, and in the operator's language", async ({ page }) => {
      const demo = await startDemo(["--at", "16:06"]);
      const look = async (path: string) => {
        await page.goto(`${demo.origin}/admin${path}`);
        await checked(page, true);
        if (locale === "zh-CN") expect(await english(page), `left in English on ${path}`).toEqual([]);
      };
      try {
        for (const path of ["/sign-in", "/break-glass"]) await look(path);
        await administrate(page, demo);
        for (const path of PAGES) await look(path);
        await page.locator("summary", { hasText: /^(More|更多)$/ }).click();
        await expectAccessible(page);
      } finally {
        await demo.stop();
      }
    });
  });
}

/** Words in Latin letters that a page tells those who see and those who listen. */
async function english(page: Page): Promise<string[]> {
  const told = await page.locator("main").evaluate((main, names) => {
    const pieces = [document.title];
    const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const { parentElement, textContent } = walk.currentNode;
      if (!parentElement?.closest(names)) pieces.push(textContent ?? "");
    }
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
      for (const element of main.querySelectorAll(`[${name}]:not(code)`)) pieces.push(element.getAttribute(name) ?? "");
    }
    return pieces;
  }, NAMES);
  return told.flatMap((piece) => piece.match(/[A-Za-z]{2,}/g) ?? []).filter((word) => !NO_ENGLISH.has(word));
}

test.describe("forms that ask for a password", () => {
  test.use({ locale: "en-GB", refused: true });

  test("Chromium has nothing to say of them", async ({ page, context }) => {
    // It says it of a form that is not as it should be. Of the page itself, whatever it says is a fault.
    const [other, said] = [await context.newPage(), [] as string[]];
    other.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    const body = '<!DOCTYPE html><title>Bad</title><form method="post"><input type="password"><button>Go</button></form>';
    await other.route("http://bad.example/", (route) => route.fulfill({ contentType: "text/html", body }));
    await other.goto("http://bad.example/");
    await expect.poll(() => said.join()).toMatch(/^verbose: .*autocomplete/);
    await other.close();

    const demo = await startDemo(["--at", "16:06"]);
    const passwords = page.locator("[type=password]");
    try {
      await administrate(page, demo);
      await page.goto(`${demo.origin}/admin/operators`);
      await page.locator("#add #login").fill("na");
      await page.locator("#add #name").fill("Na Zhang");
      await page.getByRole("button", { name: "Add and make a link" }).click();
      const invitation = new URL(await page.locator("#shown code").innerText());
      await page.goto(`${demo.origin}/admin/account`);
      await expect(passwords).not.toHaveCount(0);
      await passwords.last().fill("another password that is long");
      await page.locator('[name="present"]').fill("not the present one");
      await page.getByRole("button", { name: "Change the password" }).click();
      await expect(page.locator("#refusals")).toBeVisible();
      await expect(passwords).not.toHaveCount(0);
      await context.clearCookies();
      for (const path of ["/admin/sign-in", invitation.pathname + invitation.search]) {
        await page.goto(demo.origin + path);
        await expect(passwords).toHaveCount(1);
      }
    } finally {
      await demo.stop();
    }
  });
});
