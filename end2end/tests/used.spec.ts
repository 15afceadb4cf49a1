// A form of the console that was used: what is typed into it afterwards is neither lost nor taken for what was published.

import { expect, startDemo, test } from "../reader.ts";
import { administrate } from "../administrator.ts";
import { checked, follow } from "../console_page.ts";
import { PHONE } from "../layout.ts";

/** The incidents of the page's JSON, by their titles. */
async function titles(origin: string): Promise<string[]> {
  const { incidents } = (await (await fetch(`${origin}/api/v2/incidents.json`)).json()) as { incidents: { name: string }[] };
  return incidents.map(({ name }) => name).filter((name) => name.startsWith("Story "));
}

test.beforeEach(({ page }) => { follow(page); });

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ viewport: PHONE, locale: "en-GB", timezoneId: "Asia/Shanghai", javaScriptEnabled, refused: true });
    test.setTimeout(180_000);

    test("a form that was used keeps the next incident, and says so", async ({ page }) => {
      const demo = await startDemo(["--at", "16:06"]);
      try {
        await administrate(page, demo);
        const field = (name: string) => page.locator(`[name="${name}"]`);
        const [title, text, once] = [field("title"), field("text"), field("once")];
        const write = async (story: string) => {
          await title.fill(`Story ${story}`);
          await text.fill(`Of ${story}.`);
          if (javaScriptEnabled) await expect(page.locator("#live")).toContainText(`Of ${story}.`);
        };
        const review = () => page.getByRole("button", { name: "Review" }).last().click();
        const publish = async () => {
          await page.getByRole("button", { name: "Publish" }).click();
          await expect(page.locator("#saved")).toContainText("Published");
        };
        const report = async () => {
          await page.goto(`${demo.origin}/admin`);
          await page.getByRole("link", { name: "Report an incident" }).first().click();
        };

        await test.step("reported again in the same tab, the form is empty", async () => {
          await report();
          await write("one");
          await review();
          await publish();
          await report();
          for (const field of [title, text]) await expect(field).toHaveValue("");
          await expect(page.locator("#restored")).toBeHidden();
        });

        await test.step("the form that history leads back to publishes another incident", async () => {
          await write("two");
          await review();
          await publish();
          // Past the review, which was sent and has no address to go back to.
          const session = await page.context().newCDPSession(page);
          const { currentIndex, entries } = await session.send("Page.getNavigationHistory");
          const entryId = entries[currentIndex - 2]!.id;
          await Promise.all([page.waitForEvent("load"), session.send("Page.navigateToHistoryEntry", { entryId })]);
          await expect(page).toHaveURL(`${demo.origin}/admin/incidents/new`);
          await write("three");
          await review();
          await publish();
        });

        const fields = () => page.locator("#compose").evaluate((form: HTMLFormElement) => [...new FormData(form)].map(([name, value]) => [name, String(value)]));
        // As by a tab that is this one's double.
        const publishElsewhere = async (fields: string[][]) => {
          const answer = await page.request.post(`${demo.origin}/admin/incidents/new`, { form: { ...Object.fromEntries(fields), do: "publish" } });
          expect(answer.url()).toContain("?saved=");
        };

        await test.step("sent again as it was, it is published once", async () => {
          await report();
          await write("four");
          await publishElsewhere(await fields());
          const used = await once.inputValue();
          await review();
          await expect(page).toHaveURL(new RegExp(`/admin/incidents/${used}\\?saved=`));
          await expect(page.locator("#saved")).toContainText("Published");
          await expect(page.getByRole("heading", { level: 1 })).toHaveText("Story four");
        });

        await test.step("with another text, it keeps it and says so", async () => {
          await report();
          await write("five");
          const before = await fields();
          await write("six");
          await publishElsewhere(before);
          const used = await once.inputValue();
          await review();
          await expect(page.locator("#refusals")).toContainText("what this form was for is published already");
          await expect(title).toHaveValue("Story six");
          await expect(text).toHaveValue("Of six.");
          await expect(once).not.toHaveValue(used);
          await checked(page, javaScriptEnabled);
          expect(await titles(demo.origin)).not.toContain("Story six");
          await review();
          await publish();
        });
        const all = ["one", "two", "three", "four", "five", "six"].map((story) => `Story ${story}`);
        expect((await titles(demo.origin)).sort()).toEqual(all.sort());
      } finally {
        await demo.stop();
      }
    });
  });
}
