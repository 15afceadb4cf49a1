// A page with copies: one node at an address that stays its own, and mirrors of its files behind plain web servers.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePorts } from "./cluster.ts";
import { command, start, temporaryFolder, type Running } from "./holdfast.ts";
import { CATALOG } from "./serving.ts";
import { serveFolder, type FolderServer, type ServingFolder } from "./static_server.ts";

/** One mirror: an empty folder until it is written. */
export interface Mirror extends FolderServer {
  name: string;
  folder: string;
  /** Writes the site as it is now, with the node running or not. */
  write(): Promise<void>;
}

/** The page under test. */
export interface Place {
  origin: string;
  /** The node, while it runs. */
  node: Running;
  mirrors: Mirror[];
  /** Starts the node again, at the same address. */
  restart(): Promise<void>;
  /** Opens an incident, with the node running or not; its id. */
  open(title: string): Promise<string>;
  remove(): Promise<void>;
}

/** A mirror's name, and how its web server behaves. */
export interface Wanted extends ServingFolder {
  name: string;
}

/** Starts all of it, with the demonstration's catalog. `settings` are further sections of the configuration. */
export async function place(wanted: Wanted[], settings = ""): Promise<Place> {
  const folder = await temporaryFolder();
  const data = join(folder, "data");
  const [port] = await freePorts(1);
  const origin = `http://127.0.0.1:${port}`;
  const mirrors = await Promise.all(wanted.map(async ({ name, ...serving }) => {
    const files = join(folder, name);
    await mkdir(files);
    const server = await serveFolder(files, { redirectFolders: true, ...serving });
    const write = async () => { await command("snapshot", "write", files, "--data", data); };
    return { ...server, name, folder: files, write };
  }));
  const sections = mirrors.map(({ name, origin }, number) => `
[[mirror]]
name = "${name}"
url = "${origin}${wanted[number]!.below ?? ""}"
`);
  const config = join(folder, "holdfast.toml");
  await writeFile(config, `
data = "data"
[page]
url = "${origin}"
[node]
name = "origin"
[public]
listen = "127.0.0.1:${port}"
[operators]
listen = "127.0.0.1:0"
${settings}${sections.join("")}`);
  const run = () => start(["serve", "--config", config], data, false);
  const node = await run();
  const operate = async (...args: string[]) => JSON.parse(await command(...args, "--json", "--data", data));
  await operate("catalog", "apply", CATALOG);
  const at: Place = {
    origin,
    node,
    mirrors,
    restart: async () => { at.node = await run(); },
    open: async (title) => {
      const { incident } = await operate("incident", "open", "--title", title, "--impact", "minor", "--text", `${title}.`,
        "--scope", "console=degraded_performance");
      return incident;
    },
    remove: async () => {
      at.node.goOn();
      await at.node.stop();
      await Promise.all(mirrors.map((mirror) => mirror.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
  return at;
}
