// Judges what was served: whether an acknowledged post is missing that the page claims to know of, whether its age is
// told, and whether it claims that all is well past its bound. And counts it, for the table.

/** Words of a page that may not be as old as its bound. */
const CLAIMS = /operating|not affected|back to normal/i;
/** A page in memory is rendered anew when its bound has passed: how long that may take. */
const RENEWAL_MS_MAX = 2_000;
/** An age on the screen is from the last second's tick. */
const TICK_MS_MAX = 1_500;
/** More faults than these say nothing more. */
const FAULTS_MAX = 20;
const UNIT_MS: Record<string, number> = { s: 1000, min: 60_000, h: 3_600_000 };

/** A post, from the moment when it is made: pages may show it before who made it knows. */
export interface Post {
  number: number;
  incident: string;
  /** The name of the region that took it, as pages show it. */
  region: string;
  /** Ends its incident. */
  resolves: boolean;
  /** When whoever made it was told that it is saved. */
  acknowledged: Date | undefined;
}

/** The words by which a post is found on a page. */
export function words(number: number): string {
  return `Word ${number} of the disaster.`;
}

/** A page as it came. */
export interface Served {
  /** Whose address was asked. */
  address: string;
  /** Where it came from, as its headers tell. */
  from: string;
  html: string;
  /** The moment before it was asked for, and the one after it was here. */
  asked: Date;
  came: Date;
  /** A page that a region renders anew, one that stays as it is, or one on the screen of a browser that runs its script. */
  kind: "live" | "still" | "screen";
}

/** What stands on a page. */
export interface Told {
  confirmedAt: Date;
  trustUntil: Date | undefined;
  freshness: string;
  /** The region that rendered it, as the page shows it. */
  origin: string;
  /** The newest post on it; 0 for none. */
  newest: number;
}

interface Row {
  stage: string;
  address: string;
  from: string;
  answers: number;
  /** Lowest and highest. */
  ageMs: [number, number] | undefined;
  newest: [number, number] | undefined;
  states: Set<string>;
}

/** One for each test. */
export class Witness {
  /** What should not have been served, in words. */
  readonly faults: string[] = [];
  readonly posts: Post[] = [];
  stage = "";
  readonly #rows = new Map<string, Row>();

  /** Judges and counts; what the page tells. */
  judge(served: Served): Told | undefined {
    const told = this.#read(served.html);
    if (told === undefined) {
      // What has ended is true for good, and says where the present is told.
      if (served.html.includes('<p id="over">')) return undefined;
      this.fault(served, "does not say as of when it is true");
      return undefined;
    }
    const age = served.came.getTime() - told.confirmedAt.getTime();
    if (age < 0) this.fault(served, `is confirmed at ${told.confirmedAt.toISOString()}, which is to come`);
    for (const { number, region, acknowledged } of this.posts) {
      if (number <= told.newest || acknowledged === undefined) continue;
      const isBefore = (instant: Date) => instant <= acknowledged;
      if (!isBefore(told.confirmedAt) && !silentSince(served.html, region).some(isBefore)) {
        this.fault(served, `is confirmed at ${told.confirmedAt.toISOString()} and lacks post ${number}, acknowledged at ${acknowledged.toISOString()}`);
      }
    }
    if (told.trustUntil === undefined || told.trustUntil <= told.confirmedAt) this.fault(served, "does not say until when to trust it");
    else if (served.kind !== "still" && served.asked.getTime() > told.trustUntil.getTime() + RENEWAL_MS_MAX) {
      const claim = claims(served.html).find((part) => CLAIMS.test(part));
      if (claim !== undefined) this.fault(served, `claims past its bound: ${claim}`);
      if (told.freshness !== "grey") this.fault(served, `is ${told.freshness} past its bound`);
    }
    if (served.kind === "screen") this.#judgeScreen(served, told);
    this.#add(served.address, served.from, { ageMs: age, newest: told.newest, freshness: told.freshness });
    return told;
  }

  fault(served: { address: string; from: string }, what: string) {
    if (this.faults.length < FAULTS_MAX) {
      this.faults.push(`${new Date().toISOString()}, ${this.stage}: ${served.address}, from ${served.from}: ${what}`);
    }
  }

  /** An address that was asked while what serves it was away. */
  unanswered(address: string) {
    this.#add(address, "no answer", undefined);
  }

  /** What was served, from where and how old. */
  table(): string {
    const seconds = (ms: number) => (ms / 1000).toFixed(1).padStart(6);
    const range = ([low, high]: [number, number], show: (one: number) => string) => low === high ? show(low) : `${show(low)} – ${show(high)}`;
    const head = ["stage", "address", "from", "answers", "age, s", "newest post", "marked"];
    const addresses = [...new Set([...this.#rows.values()].map(({ address }) => address))];
    const inOrder = [...this.#rows.values()].sort((a, b) =>
      a.stage.localeCompare(b.stage) || addresses.indexOf(a.address) - addresses.indexOf(b.address));
    const rows = inOrder.map((row) => [
      row.stage, row.address, row.from, String(row.answers),
      row.ageMs === undefined ? "" : `${seconds(row.ageMs[0])} – ${seconds(row.ageMs[1])}`,
      row.newest === undefined ? "" : range(row.newest, String), [...row.states].join(", "),
    ]);
    const all = [head, head.map((name) => "-".repeat(name.length)), ...rows];
    const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
    return all.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`).join("\n");
  }

  /** How many answers were judged. */
  answers(): number {
    const judged = [...this.#rows.values()].filter(({ ageMs }) => ageMs !== undefined);
    return judged.reduce((sum, { answers }) => sum + answers, 0);
  }

  #judgeScreen(served: Served, told: Told) {
    const shown = /<span class="age"[^>]*>([^<]*)<\/span>/.exec(served.html)?.[1] ?? "";
    const [, count, unit] = /(\d+)\s*(s|min|h)/.exec(shown) ?? [];
    const unitMs = UNIT_MS[unit ?? ""];
    if (unitMs === undefined) return this.fault(served, `shows no age: "${shown}"`);
    // Whole units are shown, towards zero.
    const shownMsMax = (Number(count) + 1) * unitMs;
    const trueMs = served.asked.getTime() - told.confirmedAt.getTime();
    if (trueMs > shownMsMax + TICK_MS_MAX) this.fault(served, `shows "${shown}" and is ${trueMs} ms old`);
  }

  #read(html: string): Told | undefined {
    const line = /<p id="freshness"[^>]*>.*?<\/p>/s.exec(html)?.[0];
    const confirmed = /data-confirmed-at="([^"]+)"/.exec(line ?? "")?.[1];
    if (line === undefined || confirmed === undefined) return undefined;
    const until = /<span class="until">.*?datetime="([^"]+)"/s.exec(line)?.[1];
    return {
      confirmedAt: new Date(confirmed),
      trustUntil: until === undefined ? undefined : new Date(until),
      freshness: /<html[^>]*data-freshness="(\w+)"/.exec(html)?.[1] ?? "",
      origin: plain(/<span class="part">from (.*?)<\/span>/s.exec(line)?.[1] ?? ""),
      newest: this.#newest(html),
    };
  }

  #newest(html: string): number {
    const numbers = this.posts.filter(({ number }) => html.includes(words(number))).map(({ number }) => number);
    // The home page shows of an incident that is over only that it is.
    const open = section(html, "incidents");
    const over = this.posts.filter(({ resolves, incident }) => resolves && section(html, "past").includes(incident) && !open.includes(incident));
    return Math.max(0, ...numbers, ...over.map(({ number }) => number));
  }

  #add(address: string, from: string, told: { ageMs: number; newest: number; freshness: string } | undefined) {
    const key = JSON.stringify([this.stage, address, from]);
    const row = this.#rows.get(key) ?? { stage: this.stage, address, from, answers: 0, ageMs: undefined, newest: undefined, states: new Set() };
    row.answers += 1;
    if (told !== undefined) {
      row.ageMs = widened(row.ageMs, told.ageMs);
      row.newest = widened(row.newest, told.newest);
      row.states.add(told.freshness);
    }
    this.#rows.set(key, row);
  }
}

function widened(range: [number, number] | undefined, by: number): [number, number] {
  return range === undefined ? [by, by] : [Math.min(range[0], by), Math.max(range[1], by)];
}

/** Of a region that the page says it has not heard from: since when. */
function silentSince(html: string, region: string): Date[] {
  const notes = html.match(/<span class="told">.*?<\/p>/s)?.[0] ?? "";
  if (!notes.includes(region)) return [];
  return [...notes.matchAll(/datetime="([^"]+)"/g)].map(([, instant]) => new Date(instant!));
}

/** Title, headline and what is said of services now. */
function claims(html: string): string[] {
  const title = /<title[^>]*>(.*?)<\/title>/s.exec(html)?.[1] ?? "";
  return [title, ...["headline", "now", "services"].map((id) => section(html, id))].map(plain);
}

/** The element's text up to the next one with an id, which is enough to look for words. */
function section(html: string, id: string): string {
  return new RegExp(` id="${id}".*?(?=<section|</main>|<p id="freshness")`, "s").exec(html)?.[0] ?? "";
}

function plain(html: string): string {
  return html.replace(/<[^>]*>/g, " ").replace(/&amp;/g, "&").replace(/\s+/g, " ").trim();
}
