// What the disaster test takes away piece by piece: three regions, two mirrors, the public address in front of them, the
// monitored API; and the readers that look at all of it at every moment.

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePorts } from "./cluster.ts";
import { start } from "./holdfast.ts";
import { nginx } from "./nginx.ts";
import type { Served, Witness } from "./witness.ts";

/** Each address is read so often: with six of them, and an incident beside each home page, about 20 answers a second. */
const READ_EVERY_MS = 600;
/** Longest wait of a reader. */
const ANSWER_MS_MAX = 10_000;
/** A reader that would read more than this was forgotten. */
const READS_MAX = 5_000;
/** Where the configurations of the documentation lie. */
const DOCS = join(import.meta.dirname, "../server/docs");

/** A copy of the page as files, and who serves it: whichever node writes it need not live. */
export interface Mirror {
  folder: string;
  origin: string;
  /** Begins, once a copy is there; how it is ended. */
  serve(): Promise<() => Promise<void>>;
}

/** Served by the documented nginx. */
export async function nginxMirror(folder: string): Promise<Mirror> {
  const [port] = await freePorts(1);
  const origin = `http://127.0.0.1:${port}`;
  const examples = { "listen 80;": `listen 127.0.0.1:${port};`, "root /srv/status;": `root ${folder};` };
  return { folder, origin, serve: async () => (await nginx(await documented("mirror.conf", examples), origin)).stop };
}

/** Served by the program itself, without a store, a key or a configuration. */
export async function servedMirror(folder: string): Promise<Mirror> {
  const [port] = await freePorts(1);
  const listen = `127.0.0.1:${port}`;
  return { folder, origin: `http://${listen}`, serve: async () => (await start(["snapshot", "serve", folder, "--listen", listen], folder, false)).stop };
}

/** A configuration of the documentation, with what stands there as an example replaced. */
async function documented(name: string, examples: Record<string, string>): Promise<string> {
  let configuration = await readFile(join(DOCS, name), "utf8");
  for (const [example, real] of Object.entries(examples)) {
    if (!configuration.includes(example)) throw new Error(`server/docs/${name} has no "${example}"`);
    configuration = configuration.replace(example, real);
  }
  return configuration;
}

/** The documented public address, in front of these origins. */
export async function publicAddress(regions: string[], mirrors: string[]) {
  const [port] = await freePorts(1);
  const examples: Record<string, string> = { "listen 80;": `listen 127.0.0.1:${port};` };
  ["gz", "sh", "nj"].forEach((name, number) => { examples[`${name}.status.internal:8080`] = new URL(regions[number]!).host; });
  ["mirror-1", "mirror-2"].forEach((name, number) => { examples[`${name}.status.internal:8080`] = new URL(mirrors[number]!).host; });
  const origin = `http://127.0.0.1:${port}`;
  return { origin, ...await nginx(await documented("public-address.conf", examples), origin) };
}

/** What the page reports on: one process that answers in three regions, and fails in all of them at once. */
export async function monitoredApi() {
  const ports = await freePorts(3);
  const code = `
    let configuration = "good";
    process.on("SIGUSR2", () => { configuration = "bad"; });
    for (const port of process.argv.slice(1)) {
      require("node:http").createServer((_, response) => response.writeHead(configuration === "good" ? 200 : 500).end()).listen(Number(port), "127.0.0.1");
    }`;
  const child = spawn(process.execPath, ["-e", code, ...ports.map(String)], { stdio: "ignore" });
  const end = new Promise((resolve) => child.once("close", resolve));
  return {
    /** What it answers in each region; 0 where it does not. */
    statuses: () => Promise.all(ports.map((port) => fetch(`http://127.0.0.1:${port}/`).then(({ status }) => status, () => 0))),
    /** One bad configuration is pushed everywhere. */
    fail: () => { child.kill("SIGUSR2"); },
    stop: async () => { child.kill("SIGKILL"); await end; },
  };
}

/** An address that readers know, and whether it must answer. */
export interface Address {
  name: string;
  origin: string;
  /** Set while what serves it is taken away. */
  isDown: boolean;
}

/** Reads every address again and again until it is stopped; what is wrong is told to the witness. */
export function steadyReaders(addresses: Address[], witness: Witness) {
  const stopped = new AbortController();
  const loops = addresses.map(async (address) => {
    for (let reads = 0; !stopped.signal.aborted && reads < READS_MAX; reads += 1) {
      const home = await read(address, "/en/", witness);
      // A link of a page leads somewhere, whatever is taken away or written meanwhile.
      const newest = witness.posts.findLast(({ incident }) => home?.includes(`/en/incidents/${incident}"`));
      if (newest !== undefined) await read(address, `/en/incidents/${newest.incident}`, witness);
      await pause(READ_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  });
  return {
    stop: async () => {
      stopped.abort();
      await Promise.all(loops);
    },
  };
}

/** One answer, judged; its text. */
async function read(address: Address, path: string, witness: Witness): Promise<string | undefined> {
  const asked = new Date();
  const wasDown = address.isDown;
  try {
    const answer = await fetch(address.origin + path, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const html = await answer.text();
    const { from, kind } = source(answer.headers);
    if (answer.status !== 200) {
      witness.fault({ address: address.name, from }, `answers ${path} with ${answer.status}`);
      return undefined;
    }
    witness.judge({ address: address.name, from, html, asked, came: new Date(), kind });
    return html;
  } catch (error) {
    if (wasDown || address.isDown) witness.unanswered(address.name);
    else witness.fault({ address: address.name, from: "nobody" }, `does not answer ${path}: ${String(error)}`);
    return undefined;
  }
}

/** Where an answer comes from, by its headers. */
export function source(headers: { get(name: string): string | null }): Pick<Served, "from" | "kind"> {
  const region = headers.get("holdfast-region");
  if (headers.get("holdfast-fault") === "store") return { from: "copy of a region without its store", kind: "still" };
  if (region !== null) return { from: region, kind: "live" };
  return { from: "mirror", kind: "still" };
}
