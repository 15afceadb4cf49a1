// The replay of 8 April, posted through the console on a phone, with JavaScript and without, by an operator among three
// regions, of which one is cut off in the middle and another dies.

import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expect, startDemo, test } from "../reader.ts";
import { INCIDENT } from "../replay.ts";
import { expectAccessible } from "../accessibility.ts";
import { LOGIN, PASSWORD, administrate } from "../administrator.ts";
import { cluster, type Region } from "../cluster.ts";
import { checked, follow } from "../console_page.ts";
import { PHONE } from "../layout.ts";
import { CATALOG } from "../serving.ts";

const CODES = ["ap-guangzhou", "ap-shanghai", "ap-nanjing"];
/** From the console's first page to a published, scoped update, beside the typing of its text. */
const PRESSES_MAX = 8;
/** Longest wait for news of another region, and for a region that comes back to be linked again. */
const NEWS_MS_MAX = 30_000;
/** Services that the API brings down with it. */
const THROUGH_THE_API = ["cloud-functions", "ocr", "microservice-platform", "audio-content-security", "captcha"];

test.beforeEach(({ page }) => { follow(page); });

/** Counts what a thumb does: a press is one, a choice from a list two (it opens, and it is chosen). */
class Thumb {
  presses = 0;
  constructor(readonly page: Page) {}

  async press(name: string | RegExp, role: "button" | "link" = "button") {
    this.presses += 1;
    await this.page.getByRole(role, { name }).first().click();
  }

  async open(summary: string | RegExp) {
    this.presses += 1;
    await this.page.locator("summary", { hasText: summary }).first().click();
  }

  async mark(label: string | RegExp) {
    this.presses += 1;
    await this.page.getByLabel(label, { exact: typeof label === "string" }).first().check();
  }

  async choose(field: string, value: string) {
    this.presses += 2;
    await this.page.locator(`select[name="${field}"]`).selectOption(value);
  }

  /** Typing is not counted. */
  async type(field: string, text: string) {
    await this.page.locator(`[name="${field}"]`).fill(text);
  }

  /** Reviews and publishes; `expected` is what the review says that readers will read. */
  async publish(expected: string | RegExp) {
    await this.press("Review");
    await expect(this.page.locator("main")).toContainText(expected);
    await this.press("Publish");
    await expect(this.page.locator("#saved")).toContainText("Published");
  }
}

interface Status {
  headline: { text: { en: string } };
}

async function headline(origin: string): Promise<string> {
  const answer = await fetch(`${origin}/api/v1/status`);
  return ((await answer.json()) as Status).headline.text.en;
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ viewport: PHONE, locale: "en-GB", timezoneId: "Asia/Shanghai", javaScriptEnabled, outage: true });
    test.setTimeout(240_000);

    test("an operator posts the whole of 8 April from a phone, with one region cut off", async ({ page, browser }) => {
      const { regions, linked, cutOff, rejoin, remove } = await cluster(CODES, "");
      const [guangzhou, shanghai, nanjing] = regions as [Region, Region, Region];
      try {
        const here = await guangzhou.start();
        const there = await shanghai.start();
        const apart = await nanjing.start();
        await Promise.all(regions.map(linked));
        await guangzhou.operate("catalog", "apply", CATALOG);
        await administrate(page, here);
        const admin = `${here.origin}/admin`;
        await checked(page, javaScriptEnabled);

        // 15:23: everything that the API carries is down.
        const thumb = new Thumb(page);
        await thumb.press("Report an incident", "link");
        await thumb.type("title", "Cloud API and console unavailable in all regions");
        await thumb.type("text", "The API fails in all regions. **Recovery has begun.**");
        await thumb.mark("critical impact");
        await thumb.choose("all.cloud-api", "major_outage");
        await thumb.press("Add what depends on these");
        for (const code of THROUGH_THE_API) await expect(page.locator(`[name="all.${code}"]`)).toHaveValue("major_outage");
        await checked(page, javaScriptEnabled);
        await thumb.press("Review");
        await expect(page.locator("#will-change")).toContainText("Cloud API and 6 services are down in all 17 regions.");
        await expect(page.locator("#will-change")).toContainText("Compute, Block Storage and Networking are not affected.");
        await expect(page.locator("#preview strong")).toHaveText("Recovery has begun.");
        await checked(page, javaScriptEnabled);
        await thumb.press("Publish");
        await expect(page.locator("#saved")).toContainText("saved in all 3 regions");
        expect(thumb.presses, "from the first page to a published, scoped incident").toBeLessThanOrEqual(PRESSES_MAX);
        await checked(page, javaScriptEnabled);
        const incident = page.url().replace(/\?.*/, "");
        const path = new URL(incident).pathname;
        const told = async (origin: string) => (await fetch(`${origin}${path.replace("/admin", "")}`)).text();
        await expect.poll(() => headline(there.origin), { timeout: NEWS_MS_MAX }).toMatch(/^Cloud API and 6 services are down/);

        // Nanjing is cut off from here on, and somebody there goes on to tell what is seen from there.
        cutOff(nanjing);
        await page.goto(incident.replace(here.origin, apart.origin));
        await thumb.type("text", "Nanjing has lost sight of the other regions.");
        await thumb.publish("lost sight");
        await expect(page.locator("#saved")).toContainText("saved in 1 of 3 regions");
        await expect(page.locator("#here-only")).toContainText("Held by this region only");
        await checked(page, javaScriptEnabled);
        await page.goto(incident);
        await expect(page.locator("main")).not.toContainText("lost sight");

        // 15:47 and 15:57: a further word, then the cause.
        await thumb.type("text", "The version is rolled back; service is not fully restored.");
        await thumb.publish("rolled back");
        await expect(page.locator("#saved")).toContainText("saved in 2 of 3 regions");
        await thumb.type("text", "The root cause is found. An emergency repair is planned.");
        await thumb.mark("Identified");
        await thumb.choose("next_in", "10");
        await thumb.open("State the root cause");
        await thumb.type("root_cause", "Erroneous configuration data reached every region.");
        await thumb.publish("Root cause");

        // 16:02: repaired, recovering. Counted from the console's first page.
        await page.goto(admin);
        await expect(page.locator("#open")).toContainText("next update due in");
        thumb.presses = 0;
        await thumb.press(/Cloud API and console unavailable/, "link");
        await thumb.type("text", "The repair is executed in all regions.");
        await thumb.open("Choose services and regions");
        await thumb.choose("all.cloud-api", "partial_outage");
        await thumb.choose("recovery_in", "30");
        await thumb.publish("major outage → partial outage");
        expect(thumb.presses, "from the first page to a published, scoped update").toBeLessThanOrEqual(PRESSES_MAX);

        // 16:05: every region but Shanghai is back.
        await thumb.type("text", "Every region but Shanghai has recovered.");
        await thumb.open("Choose services and regions");
        await thumb.choose("all.cloud-api", "operational");
        await thumb.choose("group.platform-services", "operational");
        await thumb.choose("all.console", "partial_outage");
        await thumb.open("All regions but some");
        await thumb.mark("Shanghai");
        await page.locator("details", { has: page.locator('[name="in.cloud-api.ap-shanghai"]') }).last().locator("summary").first().click();
        await thumb.choose("in.cloud-api.ap-shanghai", "major_outage");
        await thumb.publish("Cloud API and 5 services are down in Shanghai. 16 of 17 regions have recovered.");

        // 16:25: Shanghai's traffic goes elsewhere.
        await thumb.type("text", "Shanghai: a circular dependency is found. Traffic is redirected.");
        await thumb.open("Choose services and regions");
        for (const code of ["cloud-api", ...THROUGH_THE_API]) {
          const field = `in.${code}.ap-shanghai`;
          await page.locator("details", { has: page.locator(`[name="${field}"]`) }).last().locator("summary").first().click();
          await thumb.choose(field, "partial_outage");
        }
        await thumb.choose("recovery_in", "45");
        await thumb.publish("partly down in Shanghai");
        await expect.poll(() => told(there.origin), { timeout: NEWS_MS_MAX }).toContain("Recovery expected about");

        // 16:45: one press for the region.
        await thumb.type("text", "Shanghai has recovered. Console traffic surges.");
        await thumb.mark("Monitoring");
        await thumb.press("Shanghai is back");
        await expect(page.locator('[name="in.cloud-api.ap-shanghai"]')).toHaveValue("operational");
        await expect(page.locator('[name="text"]')).toHaveValue(/Console traffic surges/);
        await thumb.choose("all.console", "degraded_performance");
        await thumb.publish("Console has degraded performance. All 17 regions have recovered.");

        // Guangzhou dies. The same browser goes on in Shanghai, and another one signs in there.
        await here.kill();
        await page.goto(`${there.origin}${path}`);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText("Cloud API and console unavailable in all regions");
        const stranger = await signInAt(browser, there.origin, javaScriptEnabled);
        await stranger.page.close();
        await stranger.context.close();

        // 16:50 and 17:45, from there; only this region holds them until another is back.
        await thumb.type("text", "Request volume is back to normal.");
        await thumb.press("Console is back");
        await expect(page.locator('[name="all.console"]')).toHaveValue("operational");
        await thumb.choose("recovery_in", "withdrawn");
        await thumb.publish("Everything that was affected has recovered");
        await expect(page.locator("#saved")).toContainText("saved in 1 of 3 regions");
        await expect(page.locator("#here-only")).toContainText("Held by this region only");
        await thumb.type("text", "One hour of observation without issues.");
        await thumb.mark("Resolved");
        await thumb.publish("All services are operating.");

        rejoin(nanjing);
        await expect.poll(() => headline(apart.origin), { timeout: NEWS_MS_MAX }).toBe("All services are operating.");
        await expect.poll(() => told(there.origin), { timeout: NEWS_MS_MAX }).toContain("lost sight");
        for (const text of ["rolled back", "circular dependency", "One hour of observation", "lost sight"]) {
          for (const { origin } of [apart, there]) expect(await told(origin)).toContain(text);
        }
        await page.goto(`${there.origin}/admin/audit`);
        await expect(page.locator("tbody tr").first()).toContainText("Li Wei");
        await checked(page, javaScriptEnabled);
      } finally {
        await remove();
      }
    });
  });
}

test.describe("a draft", () => {
  test.use({ viewport: PHONE, locale: "en-GB", timezoneId: "Asia/Shanghai" });

  test("survives a reload, and is gone once it is published", async ({ page }) => {
    const demo = await startDemo(["--at", "16:06"]);
    try {
      await administrate(page, demo);
      const text = page.locator('[name="text"]');
      await page.goto(`${demo.origin}/admin/incidents/${INCIDENT}`);
      await text.fill("Shanghai is nearly back.");
      await page.getByLabel("Monitoring").check();
      await page.locator("summary", { hasText: "Choose services and regions" }).click();
      await page.locator('select[name="all.console"]').selectOption("degraded_performance");
      await page.reload();
      await expect(page.locator("#restored")).toBeVisible();
      await expect(text).toHaveValue("Shanghai is nearly back.");
      await expect(page.getByLabel("Monitoring")).toBeChecked();
      await expect(page.locator('select[name="all.console"]')).toBeVisible();
      await expect(page.locator('select[name="all.console"]')).toHaveValue("degraded_performance");
      await page.getByRole("button", { name: "Review" }).last().click();
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.locator("#saved")).toBeVisible();
      await expect(text).toHaveValue("");
      // The same form, on a page that does not say that something was just published.
      await page.goto(`${demo.origin}/admin/incidents/${INCIDENT}`);
      await expect(text).toHaveValue("");
      await expect(page.locator("#restored")).toBeHidden();
    } finally {
      await demo.stop();
    }
  });

  test("of the next update survives a reload of the page that says that the last one is saved", async ({ page }) => {
    const demo = await startDemo(["--at", "16:06"]);
    try {
      await administrate(page, demo);
      const [text, restored] = [page.locator('[name="text"]'), page.locator("#restored")];
      await page.goto(`${demo.origin}/admin/incidents/${INCIDENT}`);
      await text.fill("Shanghai is nearly back.");
      await page.getByRole("button", { name: "Review" }).last().click();
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.locator("#saved")).toBeVisible();
      await expect(restored).toBeHidden();
      await text.fill("Shanghai is back.");
      await page.reload();
      await expect(page.locator("#saved")).toBeVisible();
      await expect(restored).toBeVisible();
      await expect(text).toHaveValue("Shanghai is back.");
    } finally {
      await demo.stop();
    }
  });
});

test.describe("a lost answer", () => {
  test.use({ viewport: PHONE, locale: "en-GB", timezoneId: "Asia/Shanghai", outage: true });

  test("leaves the next update to be published for itself", async ({ page }) => {
    const demo = await startDemo(["--at", "16:06"]);
    try {
      await administrate(page, demo);
      const [text, incident] = [page.locator('[name="text"]'), `${demo.origin}/admin/incidents/${INCIDENT}`];
      await page.goto(incident);
      await text.fill("Shanghai is nearly back.");
      await page.getByRole("button", { name: "Review" }).last().click();
      // It reaches the server, and the answer is lost on the way back.
      const updates = `**/admin/incidents/${INCIDENT}/updates`;
      await page.route(updates, async (route) => {
        expect((await route.fetch({ maxRedirects: 0 })).status()).toBe(303);
        await route.abort("connectionreset");
      });
      const lost = page.waitForEvent("requestfailed", (request) => request.method() === "POST");
      await page.getByRole("button", { name: "Publish" }).click();
      await lost;
      await page.unroute(updates);
      await page.goto(incident);
      const told = page.locator(".timeline").last();
      await expect(told).toContainText("Shanghai is nearly back.");
      await expect(page.locator("#restored")).toBeHidden();
      await text.fill("Shanghai is back.");
      await page.getByRole("button", { name: "Review" }).last().click();
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.locator("#saved")).toBeVisible();
      for (const said of ["Shanghai is nearly back.", "Shanghai is back."]) await expect(told).toContainText(said);
    } finally {
      await demo.stop();
    }
  });
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "overtaken, with JavaScript" : "overtaken, without JavaScript", () => {
    test.use({ viewport: PHONE, locale: "en-GB", timezoneId: "Asia/Shanghai", javaScriptEnabled, outage: true, refused: true });

    test("an operator sees what changed, and keeps what was typed", async ({ page, context }) => {
      const demo = await startDemo(["--at", "16:06"]);
      try {
        await administrate(page, demo);
        const incident = `${demo.origin}/admin/incidents/${INCIDENT}`;
        await page.goto(incident);
        await page.locator('[name="text"]').fill("What I was writing.");
        const other = await context.newPage();
        await other.goto(incident);
        await other.locator('[name="text"]').fill("Posted **meanwhile**.");
        await other.getByLabel("Monitoring").check();
        await other.getByRole("button", { name: "Review" }).last().click();
        await other.getByRole("button", { name: "Publish" }).click();
        await expect(other.locator("#saved")).toBeVisible();
        await other.close();
        await page.getByRole("button", { name: "Review" }).last().click();
        await expect(page.locator("#refusals")).toContainText("somebody posted while you were writing");
        await expect(page.locator("#overtaken strong")).toHaveText("meanwhile");
        await expect(page.locator("#overtaken")).toContainText("→ monitoring", { ignoreCase: true });
        await expect(page.locator('[name="text"]')).toHaveValue("What I was writing.");
        await checked(page, javaScriptEnabled);
        await page.getByRole("button", { name: "Review" }).last().click();
        await page.getByRole("button", { name: "Publish" }).click();
        await expect(page.locator("#saved")).toBeVisible();
      } finally {
        await demo.stop();
      }
    });
  });
}

test.describe("live help of somebody whose session is over", () => {
  test.use({ viewport: PHONE, locale: "en-GB", timezoneId: "Asia/Shanghai", signedOut: true });

  test("says so, and not that the server is away", async ({ page }) => {
    const demo = await startDemo(["--at", "16:06"]);
    try {
      await administrate(page, demo);
      await page.goto(`${demo.origin}/admin/incidents/${INCIDENT}`);
      const [text, live] = [page.locator('[name="text"]'), page.locator("#live")];
      await text.fill("Shanghai is **back**.");
      await expect(live.locator("strong")).toHaveText("back");
      await page.context().clearCookies();
      await text.fill("Shanghai is **gone**.");
      await expect(live.locator("#live-note")).toContainText("You are not signed in any more");
      await expect(text).toHaveValue("Shanghai is **gone**.");
      await expectAccessible(page);
    } finally {
      await demo.stop();
    }
  });
});

test.describe("live help", () => {
  test.use({ viewport: PHONE, locale: "en-GB", timezoneId: "Asia/Shanghai", outage: true });

  test("shows the text as readers will see it, also when the server was away", async ({ page }) => {
    const demo = await startDemo(["--at", "16:06"]);
    try {
      await administrate(page, demo);
      await page.goto(`${demo.origin}/admin/incidents/${INCIDENT}`);
      const [text, live] = [page.locator('[name="text"]'), page.locator("#live")];
      await expect(live).toBeHidden();
      await text.fill("Shanghai is **nearly** back. <script>alert(1)</script>");
      await expect(live.locator("strong")).toHaveText("nearly");
      await expect(live.locator("script")).toHaveCount(0);
      await checked(page, true);
      const updates = `**/admin/incidents/${INCIDENT}/updates`;
      await page.route(updates, (route) => route.abort("connectionrefused"));
      await text.fill("Shanghai is **back**.");
      await expect(live.locator("#live-note")).toContainText("The server does not answer");
      await expect(text).toHaveValue("Shanghai is **back**.");
      await expectAccessible(page);
      await page.unroute(updates);
      await expect(live.locator("strong")).toHaveText("back", { timeout: NEWS_MS_MAX });
      await expect(live.locator("#live-note")).toBeEmpty();
      await text.fill("");
      await expect(live).toBeHidden();
    } finally {
      await demo.stop();
    }
  });

  test("counts down to the next update, and says once that it is overdue", async ({ page }) => {
    const demo = await startDemo(["--at", "16:06"]);
    try {
      await administrate(page, demo);
      await page.goto(`${demo.origin}/admin/incidents/${INCIDENT}`);
      await page.locator('[name="text"]').fill("Shanghai is nearly back.");
      await page.locator('select[name="next_in"]').selectOption("10");
      await page.getByRole("button", { name: "Review" }).last().click();
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.locator("#saved")).toBeVisible();
      await page.clock.install();
      await page.goto(`${demo.origin}/admin`);
      const [before, late] = [page.locator(".due > span").first(), page.locator(".due > .overdue")];
      // However long the way here was, it counts from what the server said.
      const said = Math.floor(Number(await page.locator(".due").first().getAttribute("data-left-ms")) / 1000);
      const left = /next update due in 9 mins? (\d+) secs?/;
      await expect(before).toContainText(left);
      expect(9 * 60 + Number(left.exec(await before.innerText())?.[1])).toBeLessThanOrEqual(said);
      await page.clock.runFor(60_000);
      await expect(before).toContainText(/next update due in 8 mins? \d+ secs?/);
      await expect(late).toBeHidden();
      await page.clock.runFor(9 * 60_000);
      await expect(late).toContainText(/update overdue by \d+ secs?/);
      await expect(before).toBeHidden();
      const told = page.locator('.due > [role="status"]');
      await expect(told).toContainText("update overdue by");
      const first = await told.textContent();
      await page.clock.runFor(5_000);
      expect(await told.textContent(), "said once").toBe(first);
      await checked(page, true);
      await page.emulateMedia({ reducedMotion: "reduce" });
      await page.clock.runFor(1_000);
      await expect(late.locator(".count")).toHaveText(/^1 mins?$/);
    } finally {
      await demo.stop();
    }
  });
});

/** Languages of an operator: what the console calls its buttons, and how it says that a text is missing. */
const LANGUAGES = [
  { locale: "en-GB", path: "en", review: "Review", publish: "Publish", missing: "What is known: is empty", other: { name: "简体中文", tag: "zh-CN", path: "zh" } },
  { locale: "zh-CN", path: "zh", review: "预览", publish: "发布", missing: "已知情况：内容为空", other: { name: "English", tag: "en", path: "en" } },
] as const;

for (const javaScriptEnabled of [true, false]) {
  for (const { locale, path, review, publish, missing, other } of LANGUAGES) {
    test.describe(`in every language, ${locale}, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () => {
      test.use({ viewport: PHONE, locale, timezoneId: "Asia/Shanghai", javaScriptEnabled, outage: true, refused: true });
      test.setTimeout(120_000);

      test("a text is written, refused, reviewed, published and edited", async ({ page }) => {
        const demo = await startDemo(["--at", "16:06"]);
        try {
          await administrate(page, demo);
          const incident = `${demo.origin}/admin/incidents/${INCIDENT}`;
          const [first, second] = [page.locator('[name="text"]'), page.locator(`[name="text.${other.tag}"]`)];
          const press = (name: string) => page.getByRole("button", { name, exact: true }).last().click();
          await page.goto(incident);
          await expect(second).toBeHidden();
          await page.locator("#other-languages summary", { hasText: other.name }).click();
          await second.fill("Kept **through** a refusal.");
          await press(review);
          await expect(page.locator("#refusals")).toContainText(missing);
          await expect(second).toBeVisible();
          await expect(second).toHaveValue("Kept **through** a refusal.");
          await checked(page, javaScriptEnabled);
          await first.fill("The **first** text.");
          if (javaScriptEnabled) {
            await expect(page.locator("#live strong")).toHaveText(["first", "through"]);
            await checked(page, javaScriptEnabled);
          }
          await press(review);
          await expect(page.locator("#preview .timeline strong")).toHaveText(["first", "through"]);
          await expect(page.locator("#preview .elsewhere")).toHaveAttribute("lang", other.tag);
          await checked(page, javaScriptEnabled);
          await press(publish);
          await expect(page.locator("#saved")).toBeVisible();

          await page.goto(incident);
          await page.locator("summary", { hasText: /Change an update's text|更改某条更新的文字/ }).click();
          await page.locator("a", { hasText: /first text|through/ }).first().click();
          await expect(second).toHaveValue("Kept **through** a refusal.");
          await checked(page, javaScriptEnabled);
          await first.fill("The first text, **mended**.");
          if (javaScriptEnabled) await expect(page.locator("#live strong")).toHaveText(["mended", "through"]);
          await press(review);
          await expect(page.getByRole("button", { name: publish, exact: true })).toBeVisible();
          await expect(page.locator("#live strong")).toHaveText(["mended", "through"]);
          await checked(page, javaScriptEnabled);
          await press(publish);
          await expect(page.locator("#timeline")).toBeVisible();
          const told = async (language: string) => (await fetch(`${demo.origin}/${language}/incidents/${INCIDENT}`)).text();
          expect(await told(path)).toContain("<strong>mended</strong>");
          expect(await told(other.path)).toContain("<strong>through</strong>");
        } finally {
          await demo.stop();
        }
      });
    });
  }
}

/** Signs in at a region with a browser that has never been there. */
async function signInAt(
  browser: Browser,
  origin: string,
  javaScriptEnabled: boolean,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: PHONE, locale: "en-GB", javaScriptEnabled });
  const page = await context.newPage();
  await page.goto(`${origin}/admin/audit`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  await page.locator("#login").fill(LOGIN);
  await page.locator("#password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Audit trail");
  return { context, page };
}
