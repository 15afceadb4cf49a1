// The disaster: three regions and two mirrors under steady readers; then the monitored API fails, one region dies, two, the
// store of the last one, and every node; then somebody posts with no node alive, and all come back. At each moment a browser with an open page, and one that comes to the public
// address for the first time, with script and without, find what was last posted, with an age that is not understated.
// What was served, from where and how old is printed, and lies in `results/disaster.md`.

import type { Browser } from "@playwright/test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "../reader.ts";
import { cluster, type Region } from "../cluster.ts";
import { monitoredApi, nginxMirror, servedMirror, publicAddress, steadyReaders, type Address } from "../disaster.ts";
import { command, temporaryFolder } from "../holdfast.ts";
import { look, open, prepared, reload, type Screen } from "../screens.ts";
import { CATALOG, type Receipt } from "../serving.ts";
import { Witness, words, type Post } from "../witness.ts";

/** Regions of the demonstration's catalog, in the order in which they die, and their names on pages. */
const CODES = ["ap-guangzhou", "ap-shanghai", "ap-nanjing"];
const NAMES = ["Guangzhou", "Shanghai", "Nanjing"];
/** A page of three healthy regions is up to 16 s old (`regions.spec.ts`). */
const AMBER_SECONDS = 18;
const GREY_SECONDS = 34;
/** Longest wait for news, over all that lies between. */
const NEWS_MS_MAX = 20_000;
/** Longest wait for an open page to look for itself (`worker.spec.ts`). */
const POLL_MS_MAX = 60_000;
/** Longest wait for a bound to pass. */
const BOUND_MS_MAX = 1000 * (GREY_SECONDS + 30);
/** So many answers are judged at least, in each stage, after all that changes in it has changed. */
const ANSWERS_MIN = 60;
/** Of the copies; and the region that writes the mirrors. */
const HEARTBEAT_SECONDS = 2;
const WRITER = "ap-nanjing";
const RESULT = join(import.meta.dirname, "../results/disaster.md");

test.setTimeout(300_000);

test("the page outlives the API, the regions, the store and every node", async ({ browser }) => {
  const begun = Date.now();
  const witness = new Witness();
  witness.stage = "0 all is well";
  const copy = await temporaryFolder();
  const ends: (() => Promise<unknown>)[] = [];
  const folders = [join(copy, "north"), join(copy, "south")] as const;
  await Promise.all(folders.map((folder) => mkdir(folder)));
  const mirrors = [await nginxMirror(folders[0]), await servedMirror(folders[1])] as const;
  const { regions, linked, remove } = await cluster(CODES, (code) => `
[freshness]
amber_seconds = ${AMBER_SECONDS}
grey_seconds = ${GREY_SECONDS}
[snapshot]
directory = "${join(copy, code)}"
heartbeat_seconds = ${HEARTBEAT_SECONDS}
${["north", "south"].map((name, number) => `[[mirror]]
name = "${name}"
url = "${mirrors[number]!.origin}"
${code === WRITER ? `target = "file://${folders[number]!}"` : ""}`).join("\n")}
`, true);
  ends.push(remove);
  const [guangzhou, shanghai, nanjing] = regions as [Region, Region, Region];
  try {
    let running = await Promise.all(regions.map((region) => region.start()));
    await Promise.all(regions.map(linked));
    await guangzhou.operate("catalog", "apply", CATALOG);

    const api = await monitoredApi();
    ends.push(api.stop);
    for (const { folder, serve } of mirrors) {
      await expect.poll(() => readFile(join(folder, "index.html"), "utf8").catch(() => ""), { timeout: NEWS_MS_MAX }).toContain("</html>");
      ends.push(await serve());
    }
    // In the order in which its hash sends the readers of one machine to regions that die.
    const front = await publicAddress([nanjing, shanghai, guangzhou].map(({ origin }) => origin), mirrors.map(({ origin }) => origin));
    ends.push(front.stop);
    const addresses: Address[] = [
      ...regions.map(({ origin }, number) => ({ name: NAMES[number]!, origin, isDown: false })),
      { name: "mirror north", origin: mirrors[0].origin, isDown: false },
      { name: "mirror south", origin: mirrors[1].origin, isDown: false },
      { name: "public address", origin: front.origin, isDown: false },
    ];
    const home = (origin: string) => fetch(`${origin}/en/`).then((answer) => answer.text(), () => "");
    const shows = (origin: string, what: string) => expect.poll(() => home(origin), { timeout: NEWS_MS_MAX }).toContain(what);
    await Promise.all(addresses.map(({ origin }) => shows(origin, "Cloud API")));

    const readers = steadyReaders(addresses, witness);
    ends.push(readers.stop);
    const openPage = await open(browser, "open page at Guangzhou", `${guangzhou.origin}/en/`, true);
    ends.push(() => openPage.page.context().close());
    await prepared(openPage);
    const loadedAgain = await open(browser, "the same, loaded again", `${guangzhou.origin}/en/`, true);
    ends.push(() => loadedAgain.page.context().close());
    await prepared(loadedAgain);
    const openPlain = await open(browser, "open page, no script", `${guangzhou.origin}/en/`, false);
    ends.push(() => openPlain.page.context().close());

    /** Everybody looks, and the steady readers for a while longer. */
    const stage = async (name: string, change: () => Promise<void>) => test.step(name, async () => {
      witness.stage = name;
      await change();
      const newest = witness.posts.at(-1)?.number ?? 0;
      expect(await firstVisit(browser, front.origin, true, witness), "a first visit").toBe(newest);
      expect(await firstVisit(browser, front.origin, false, witness), "a first visit without script").toBe(newest);
      await reload(loadedAgain);
      expect((await look(loadedAgain, witness)).newest, "the page of a region that may be gone").toBe(newest);
      await look(openPage, witness);
      await look(openPlain, witness);
      const before = witness.answers();
      await expect.poll(() => witness.answers(), { timeout: NEWS_MS_MAX }).toBeGreaterThan(before + ANSWERS_MIN);
      await look(openPage, witness);
      expect(witness.faults).toEqual([]);
    });
    /** Acknowledged, and from then on expected of every page that claims to be as new. */
    const post = async (number: number, at: Region, resolves: boolean, ...args: string[]) => {
      const made: Post = { number, incident: args[1] ?? "", resolves, region: NAMES[regions.indexOf(at)]!, acknowledged: undefined };
      witness.posts.push(made);
      made.incident = (await at.operate<Receipt>("incident", ...args, "--text", words(number))).incident;
      made.acknowledged = new Date();
      return made.incident;
    };
    const kill = async (number: number) => {
      addresses[number]!.isDown = true;
      await running[number]!.kill();
    };

    await stage("0 all is well", async () => {
      expect(await api.statuses()).toEqual([200, 200, 200]);
      expect((await fetch(`${front.origin}/en/`)).headers.get("holdfast-region"), "readers are where the first loss will be").toBe(guangzhou.code);
      await expect(openPage.page).toHaveTitle(/^All services are operating\./);
    });

    let incident = "";
    await stage("1 the monitored API is down", async () => {
      api.fail();
      await expect.poll(api.statuses).toEqual([500, 500, 500]);
      incident = await post(1, guangzhou, false, "open", "--title", "Cloud API fails in every region", "--impact", "critical",
        "--scope", "cloud-api=major_outage");
      await Promise.all(addresses.map(({ origin }) => shows(origin, words(1))));
      await expect(openPage.page.locator("#incidents")).toContainText(words(1), { timeout: NEWS_MS_MAX });
      await expect(openPage.page).toHaveTitle(/^Cloud API is down/);
    });

    await stage("2 one region is down", async () => {
      await kill(0);
      await post(2, shanghai, false, "update", incident, "--status", "identified");
      await Promise.all(addresses.slice(1).map(({ origin }) => shows(origin, words(2))));
    });

    await stage("3 two regions are down", async () => {
      await kill(1);
      await post(3, nanjing, true, "resolve", incident);
      await Promise.all(addresses.slice(2).map(({ origin }) => shows(origin, "All services are operating.")));
      await expect.poll(() => readFile(join(copy, "ap-nanjing/en/index.html"), "utf8"), { timeout: NEWS_MS_MAX }).toContain("All services are operating.");
    });

    await stage("4 the last one has lost its store", async () => {
      await kill(2);
      await writeFile(join(nanjing.data, "holdfast.redb"), "no database");
      running[2] = await nanjing.start();
      addresses[2]!.isDown = false;
      const answer = await fetch(`${nanjing.origin}/en/`);
      expect(answer.headers.get("holdfast-fault")).toBe("store");
      const refused = await fetch(`${nanjing.origin}/api/v1/incidents`, { method: "POST" });
      expect(refused.status).toBe(503);
      expect(await refused.text()).toContain("takes no posts");
      await expect.poll(async () => (await fetch(`${front.origin}/en/`)).headers.get("holdfast-fault"), { timeout: NEWS_MS_MAX }).toBe("store");
    });

    await stage("5 every node is down", async () => {
      await kill(2);
      await expect(openPage.page.locator("#copied"), "nobody loads it again, and it looks by itself").toContainText("a copy from", { timeout: POLL_MS_MAX });
      expect((await look(openPage, witness)).newest).toBe(witness.posts.at(-1)?.number);
      await expect(openPage.page.locator("html")).toHaveAttribute("data-freshness", "grey", { timeout: BOUND_MS_MAX });
      await expect(openPlain.page.locator(".stale")).toBeVisible({ timeout: BOUND_MS_MAX });
      // Nothing confirms them any more.
      const late = await open(browser, "first visit", `${front.origin}/en/`, true);
      await expect(late.page.locator("html")).toHaveAttribute("data-freshness", "grey", { timeout: BOUND_MS_MAX });
      await expect(late.page).not.toHaveTitle(/operating/);
      await look(late, witness);
      await late.page.context().close();
    });

    await stage("6 a post with no node alive", async () => {
      const made: Post = { number: 4, incident: "", resolves: false, region: NAMES[2]!, acknowledged: undefined };
      witness.posts.push(made);
      const key = join(nanjing.data, "node.key");
      const to = folders.flatMap((folder) => ["--to", folder]);
      const told = await command("snapshot", "post", "--json", "--key", key, "--from", folders[0], ...to,
        "incident", "open", "--title", "Console is slow", "--impact", "minor", "--scope", "cloud-api=degraded_performance", "--text", words(4));
      made.incident = (JSON.parse(told.slice(0, told.lastIndexOf("}") + 1)) as Receipt).incident;
      made.acknowledged = new Date();
      await Promise.all(addresses.slice(3).map(({ origin }) => shows(origin, words(4))));
    });

    await stage("7 all are back", async () => {
      // The mirrors' writer first: it alone can learn of what was posted there.
      running[2] = await nanjing.start();
      addresses[2]!.isDown = false;
      await expect.poll(async () => JSON.stringify(await nanjing.operate("incident", "list")), { timeout: NEWS_MS_MAX }).toContain("Console is slow");
      running = [await guangzhou.start(), await shanghai.start(), running[2]!];
      addresses[0]!.isDown = addresses[1]!.isDown = false;
      await Promise.all(addresses.map(({ origin }) => shows(origin, words(4))));
      for (const { origin } of regions) {
        await expect.poll(async () => (await fetch(`${origin}/en/`)).headers.get("holdfast-fault"), { timeout: NEWS_MS_MAX }).toBeNull();
        await expect.poll(async () => (await fetch(`${origin}/incidents/${incident}`)).text(), { timeout: NEWS_MS_MAX }).toContain(words(3));
      }
    });

    await readers.stop();
    expect(witness.faults).toEqual([]);
  } finally {
    const text = `${witness.table()}\n\n${witness.answers()} answers in ${Math.round((Date.now() - begun) / 1000)} s\n`;
    await mkdir(join(RESULT, ".."), { recursive: true });
    await writeFile(RESULT, text);
    process.stdout.write(`\n${text}`);
    for (const end of ends.reverse()) await end();
  }
});

/** A browser that was never here, at the public address: the newest post that it shows. */
async function firstVisit(browser: Browser, origin: string, hasScript: boolean, witness: Witness): Promise<number> {
  const screen: Screen = await open(browser, hasScript ? "first visit" : "first visit, no script", `${origin}/en/`, hasScript);
  try {
    return (await look(screen, witness)).newest;
  } finally {
    await screen.page.context().close();
  }
}
