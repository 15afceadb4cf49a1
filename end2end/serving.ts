// A real page in a folder of its own: `holdfast serve` from a configuration, and the command line beside it.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command, start, temporaryFolder, type Running } from "./holdfast.ts";

/** The demonstration's catalog, which `catalog apply` reads. */
export const CATALOG = join(import.meta.dirname, "../server/demo/catalog.toml");

/** Every port is one that is free; the data lie beside the file. */
const CONFIGURATION = `
data = "."
[public]
listen = "127.0.0.1:0"
[operators]
listen = "127.0.0.1:0"
`;

/** A server, and its own command line. */
export interface Serving extends Running {
  /** Runs a command against this server's data; what it prints as JSON. */
  operate<T = Receipt>(...args: string[]): Promise<T>;
  /** A document of the public JSON. */
  json<T>(path: string): Promise<T>;
  /** The text of any public address. */
  text(path: string): Promise<string>;
}

/** What every write answers. */
export interface Receipt {
  /** The incident or maintenance that was written about. */
  incident: string;
}

/** Serves an empty page; `settings` are further sections of the configuration. */
export async function serve(settings = ""): Promise<Serving> {
  const data = await temporaryFolder();
  const config = join(data, "holdfast.toml");
  await writeFile(config, CONFIGURATION + settings);
  const running = await start(["serve", "--config", config], data, true);
  return {
    ...running,
    operate: async (...args) => JSON.parse(await command(...args, "--json", "--data", data)),
    json: async (path) => (await get(running.origin + path)).json(),
    text: async (path) => (await get(running.origin + path)).text(),
  };
}

async function get(address: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status} ${address}`);
  return response;
}
