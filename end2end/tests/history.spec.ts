// Real history, imported: what was published stays readable, from the oldest to the newest.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "../reader.ts";
import { expectAccessible } from "../accessibility.ts";
import { expectValidHtml } from "../html.ts";
import { expectBelow, hydrated } from "../layout.ts";
import { serve, type Serving } from "../serving.ts";

/** 819 incidents with 4,570 updates; where they come from is said beside the file. */
const HISTORY = join(import.meta.dirname, "../../server/tests/data/github-status-2022-2026.jsonl.gz");
const INCIDENTS = 819;

/** As much of a line of the file as is asked here. */
interface Told {
  url: string;
  title: string;
  updates: { at: string; status: string; message: string }[];
}

test.use({ locale: "en-GB", timezoneId: "UTC" });

let site: Serving;
let history: Told[];
test.beforeAll(async () => {
  const lines = gunzipSync(await readFile(HISTORY)).toString();
  history = lines.trim().split("\n").map((line) => JSON.parse(line) as Told);
  site = await serve();
  const file = join(site.data, "history.jsonl");
  await writeFile(file, lines);
  await site.operate("import", "history", file);
});
test.afterAll(async () => { await site.stop(); });

test.describe.configure({ mode: "default" });

test("every incident is in the month in which it began, and months tell their number", async ({ page }) => {
  expect(history).toHaveLength(INCIDENTS);
  await page.goto(`${site.origin}/en/history`);
  await expectAccessible(page);
  await expectBelow(page, "h1", "#over");
  const months = await page.locator("#months li").evaluateAll((all) => all.map((month) => ({
    path: new URL(month.querySelector("a")?.href ?? "").pathname,
    count: Number(/\d+/.exec(month.querySelector(".number")?.textContent ?? "")?.[0]),
  })));
  expect(months[0]?.path).toBe("/en/history/2026-08");
  expect(months.at(-1)?.path).toBe("/en/history/2022-03");
  const listed = new Set<string>();
  for (const { path, count } of months) {
    const html = await site.text(path);
    const links = new Set([...html.matchAll(/href="\/en\/(?:incidents|maintenance)\/(\w+)"/g)].map(([, id]) => id ?? ""));
    expect(links.size, path).toBe(count);
    for (const id of links) listed.add(id);
  }
  expect(listed).toEqual(new Set(history.map(idOf)));
  await expectValidHtml(await site.text("/en/history/2022-03"), "the oldest month");
});

for (const [name, index] of [["oldest", 0], ["newest", -1]] as const) {
  test(`the ${name} incident is told as it was`, async ({ page }) => {
    const told = byBegin(history).at(index);
    if (!told) throw new Error("the file is empty");
    const path = `/en/incidents/${idOf(told)}`;
    await page.goto(site.origin + path);
    await hydrated(page);
    await expectBelow(page, "#now", "#over");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(told.title);
    const entries = page.locator(".timeline > li");
    await expect(entries).toHaveCount(told.updates.length);
    const newestFirst = told.updates.toReversed();
    for (const [place, update] of newestFirst.entries()) {
      const entry = entries.nth(place);
      await expect(entry.locator("time").first()).toHaveAttribute("datetime", update.at);
      expect(words(await entry.innerText())).toContain(words(update.message));
    }
    await expectAccessible(page);
    await expectValidHtml(await site.text(path), path);
  });
}

test("importing it again changes nothing", async () => {
  const before = await site.text("/api/v2/incidents.json");
  await site.operate("import", "history", join(site.data, "history.jsonl"));
  expect(await site.text("/api/v2/incidents.json")).toBe(before);
});

/** The 12-character id in the address of the original page. */
function idOf({ url }: Told): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

function byBegin(history: Told[]): Told[] {
  const begin = ({ updates }: Told) => updates[0]?.at ?? "";
  return history.toSorted((a, b) => begin(a).localeCompare(begin(b)));
}

/** Text without the white space and the marks that a rendering may set otherwise. */
function words(text: string): string {
  return text.replace(/[\s*_`]+/g, " ").trim();
}
