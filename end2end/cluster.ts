// Several regions: one `holdfast serve` each, in folders beside each other, linked over TLS on loopback.

import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { command, start, temporaryFolder, type Running } from "./holdfast.ts";
import { relay } from "./relay.ts";

/** Longest wait until all regions have news of each other. */
const LINKED_MS_MAX = 30_000;
/** Between two looks. */
const LOOK_EVERY_MS = 200;

/** One region. */
export interface Region {
  code: string;
  /** `http://127.0.0.1:PORT`, the same at each start. */
  origin: string;
  /** Where its log and its keys lie. */
  data: string;
  /** Starts it, also again after it was killed, and waits for its address. */
  start(): Promise<Running>;
  /** Runs a command against its data; what it prints as JSON. */
  operate<T = unknown>(...args: string[]): Promise<T>;
}

/** Regions that trust each other, none of them started. */
export interface Cluster {
  regions: Region[];
  /** Waits until this one, which runs, has the news of all others. */
  linked(region: Region): Promise<void>;
  /** Takes away the network between this one, which goes on, and the others. */
  cutOff(region: Region): void;
  /** Gives it back. */
  rejoin(region: Region): void;
  /** Ends whatever runs and removes all data. */
  remove(): Promise<void>;
}

/** What `holdfast peers --json` says. */
interface Peers {
  peers: { name: string; link: string; age_ms?: number }[];
}

/**
 * Makes keys and configurations; `settings` are further sections of each of them, the same or one by one. If `areCopies`,
 * each region tells readers of the others.
 */
export async function cluster(codes: string[], settings: string | ((code: string) => string), areCopies = false): Promise<Cluster> {
  const folder = await temporaryFolder();
  const data = (code: string) => join(folder, code, "data");
  const count = codes.length;
  const free = await freePorts(count * (2 + count));
  const ports = free.splice(0, count);
  const origins = free.splice(0, count).map((port) => `http://127.0.0.1:${port}`);
  const keys: string[] = [];
  // Every way from one region to another.
  const way = async (from: string, to: string, number: number) => {
    const port = free.pop()!;
    return { from, to, port, relay: await relay(port, ports[number]!) };
  };
  const ways = await Promise.all(codes.map((from) => Promise.all(codes.map((to, number) => way(from, to, number)))));
  for (const code of codes) {
    await mkdir(data(code), { recursive: true, mode: 0o700 });
    const first = codes[0]!;
    if (code !== first) await copyFile(join(data(first), "cluster.key"), join(data(code), "cluster.key"));
    // Any command makes the cluster's key where there is none.
    await command("--data", data(code), "incident", "list");
    keys.push((await command("--data", data(code), "node", "key")).trim());
  }
  const running: Running[] = [];
  const regions = await Promise.all(codes.map(async (code, number) => {
    const peers = codes.map((peer, other) => other === number ? "" : `
[[peer]]
name = "${peer}"
address = "127.0.0.1:${ways[number]![other]!.port}"
key = "${keys[other]}"
${areCopies ? `url = "${origins[other]}"` : ""}
`);
    const config = join(folder, code, "holdfast.toml");
    await writeFile(config, `
data = "data"
[page]
url = "${origins[number]}"
[public]
listen = "${new URL(origins[number]!).host}"
[operators]
listen = "127.0.0.1:0"
[node]
name = "${code}"
[replication]
listen = "127.0.0.1:${ports[number]}"
${typeof settings === "string" ? settings : settings(code)}${peers.join("")}`);
    return {
      code,
      origin: origins[number]!,
      data: data(code),
      start: async () => {
        const one = await start(["serve", "--config", config], data(code), false);
        running.push(one);
        return one;
      },
      operate: async <T>(...args: string[]) => JSON.parse(await command(...args, "--json", "--data", data(code))) as T,
    };
  }));
  const linked = async (region: Region) => {
    const until = Date.now() + LINKED_MS_MAX;
    for (;;) {
      const { peers } = await region.operate<Peers>("peers");
      const missing = peers.filter((peer) => peer.link === "down" || peer.age_ms === undefined);
      if (missing.length === 0 && peers.length === codes.length - 1) return;
      if (Date.now() > until) {
        throw new Error(`${region.code} has no news of ${missing.map((peer) => peer.name).join(", ")}:\n${running.map((one) => one.output()).join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  const waysOf = ({ code }: Region) => ways.flat().filter(({ from, to }) => from !== to && (from === code || to === code));
  const remove = async () => {
    await Promise.all(running.map((one) => one.stop()));
    await Promise.all(ways.flat().map(({ relay }) => relay.close()));
    await rm(folder, { recursive: true, force: true });
  };
  return {
    regions,
    linked,
    cutOff: (region) => { for (const { relay } of waysOf(region)) relay.cut(); },
    rejoin: (region) => { for (const { relay } of waysOf(region)) relay.mend(); },
    remove,
  };
}

/** Ports of loopback that were free a moment ago; all held at once, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const listening = () => new Promise<Server>((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
  const servers = await Promise.all(Array.from({ length: count }, listening));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
