// A page from its first empty minute through an incident and a maintenance, by the command line. The page, the feeds
// and the Statuspage JSON follow each step.

import type { Page } from "@playwright/test";
import { expect, test } from "../reader.ts";
import { expectAccessible } from "../accessibility.ts";
import { expectValidHtml } from "../html.ts";
import { DESKTOP, hydrated } from "../layout.ts";
import { CATALOG, serve, type Serving } from "../serving.ts";
import { parseFeed } from "../xml.ts";

/** As much of `/api/v2/summary.json` as is asked here. */
interface Summary {
  status: { indicator: string; description: string };
  components: { name: string; status: string; group: boolean }[];
  incidents: { id: string; name: string; status: string; incident_updates: { body: string; status: string }[] }[];
  scheduled_maintenances: { id: string; status: string }[];
}

test.use({ locale: "en-GB", viewport: DESKTOP });

let site: Serving;
test.beforeEach(async () => { site = await serve(); });
test.afterEach(async () => { await site.stop(); });

test("an empty page says kindly that it is empty", async ({ page }) => {
  await page.goto(`${site.origin}/en/`);
  await hydrated(page);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("main")).toContainText("holdfast catalog apply");
  await expect(page.locator("main")).not.toContainText(/operating/);
  await expectAccessible(page);
  for (const path of ["/en/", "/zh/", "/en/history"]) await expectValidHtml(await site.text(path), path);
  const summary = await site.json<Summary>("/api/v2/summary.json");
  expect(summary.components).toEqual([]);
  expect((await feed(page, "rss")).entries).toEqual([]);
});

test("an incident lives from its first word to its postmortem", async ({ page }) => {
  await page.goto(`${site.origin}/en/`);
  await hydrated(page);
  const headline = page.locator("#headline");

  await site.operate("catalog", "apply", CATALOG);
  await expect(headline).toHaveText("All services are operating.");
  expect((await site.json<Summary>("/api/v2/summary.json")).status.indicator).toBe("none");

  const { incident: id } = await site.operate(
    "incident", "open", "--title", "Console slow", "--impact", "minor",
    "--text", "Pages of the console load slowly.", "--scope", "console=degraded_performance",
  );
  await expect(headline).toHaveText(/^Console has degraded performance\.$/);
  await expect(page.locator("#incidents")).toContainText("Pages of the console load slowly.");
  let summary = await site.json<Summary>("/api/v2/summary.json");
  expect(summary.status.indicator).toBe("minor");
  expect(summary.incidents.map((incident) => [incident.id, incident.name, incident.status])).toEqual([[id, "Console slow", "investigating"]]);
  expect(summary.components.find(({ name }) => name === "Console")?.status).toBe("degraded_performance");
  for (const format of ["rss", "atom"] as const) {
    await expect.poll(async () => (await feed(page, format)).entries.length).toBe(1);
    const { entries } = await feed(page, format);
    expect(entries[0]?.title).toContain("Console slow");
    expect(entries[0]?.text).toContain("Pages of the console load slowly.");
  }

  await site.operate("incident", "update", id, "--status", "identified", "--text", "A cache was too small.",
    "--scope", "console=partial_outage");
  await expect(headline).toHaveText(/^Console is partly down\.$/);
  await expect(page.locator("#incidents")).toContainText("A cache was too small.");
  summary = await site.json<Summary>("/api/v2/summary.json");
  expect(summary.incidents[0]?.incident_updates.map(({ status }) => status)).toEqual(["identified", "investigating"]);
  await expect.poll(async () => (await feed(page, "atom")).entries[0]?.text).toContain("A cache was too small.");

  await site.operate("incident", "resolve", id, "--text", "The cache is larger now.");
  await expect(headline).toHaveText("All services are operating.");
  await expect(page.locator("#past")).toContainText("Console slow");
  summary = await site.json<Summary>("/api/v2/summary.json");
  expect([summary.status.indicator, summary.incidents.length]).toEqual(["none", 0]);

  await site.operate("postmortem", "publish", id, "--text", "## Why\n\nNobody had measured.");
  await page.goto(`${site.origin}/en/incidents/${id}`);
  await expect(page.locator("#over")).toBeVisible();
  await expect(page.locator("#postmortem")).toContainText("Nobody had measured.");
  await expect(page.locator(".timeline > li")).toHaveCount(3);
  await expectAccessible(page);
  await expectValidHtml(await site.text(`/en/incidents/${id}`), "the incident");
  await expect.poll(async () => (await feed(page, "rss")).entries[0]?.text).toContain("Nobody had measured.");
});

test("a maintenance is planned, begun and completed", async ({ page }) => {
  await site.operate("catalog", "apply", CATALOG);
  const hour = (from: number) => new Date(Date.now() + from * 3_600_000).toISOString();
  const { incident: id } = await site.operate(
    "maintenance", "schedule", "--title", "New disks", "--text", "We replace disks in Tokyo.",
    "--from", hour(1), "--until", hour(3), "--scope", "block-storage@ap-tokyo=under_maintenance",
  );
  await page.goto(`${site.origin}/en/`);
  await hydrated(page);
  const maintenances = page.locator("#maintenances");
  await expect(maintenances).toContainText("New disks");
  await expect(maintenances).toContainText("Scheduled");
  await expect(page.locator("#headline")).toHaveText("All services are operating.");
  let summary = await site.json<Summary>("/api/v2/summary.json");
  expect(summary.scheduled_maintenances.map(({ status }) => status)).toEqual(["scheduled"]);
  const calendar = await site.text("/maintenance.ics");
  expect(calendar).toMatch(/^BEGIN:VCALENDAR\r\n/);
  expect(calendar).toContain("SUMMARY:New disks");
  await expectValidHtml(await site.text(`/en/maintenance/${id}`), "the maintenance");

  await site.operate("maintenance", "start", id, "--text", "Work has begun.");
  await expect(maintenances).toContainText("In progress");
  await expect(page.locator("#services")).toContainText(/Tokyo.*maintenance/);
  summary = await site.json<Summary>("/api/v2/summary.json");
  expect(summary.components.find(({ name }) => name === "Block Storage")?.status).toBe("under_maintenance");
  await page.goto(`${site.origin}/en/maintenance/${id}`);
  await hydrated(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("New disks");
  await expectAccessible(page);

  await site.operate("maintenance", "complete", id, "--text", "All disks are new.");
  await expect(page.locator(".timeline")).toContainText("All disks are new.");
  await page.goto(`${site.origin}/en/`);
  await expect(page.locator("#maintenances")).toHaveCount(0);
  await expect(page.locator("#past")).toContainText("New disks");
  expect((await site.json<Summary>("/api/v2/summary.json")).scheduled_maintenances).toEqual([]);
});

async function feed(page: Page, format: "rss" | "atom") {
  const parsed = await parseFeed(page, await site.text(`/en/history.${format}`));
  expect(parsed.root).toBe(format === "rss" ? "rss" : "feed");
  return parsed;
}
