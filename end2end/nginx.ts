// nginx as an operator has it: configurations from the documentation, with addresses of this machine.

import { spawn } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./holdfast.ts";

/** Longest wait for its first answer. */
const START_MS_MAX = 10_000;
/** Between two looks. */
const LOOK_EVERY_MS = 50;

/** A running nginx. */
export interface Nginx {
  stop(): Promise<void>;
}

/** Starts one with this inside its `http { }`, and waits until `origin` answers, whatever it answers. */
export async function nginx(http: string, origin: string): Promise<Nginx> {
  const folder = await temporaryFolder();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `  ${kind}_temp_path ${folder}/${kind};`);
  // As root, it would give its workers to a user who may not read the test's folders.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  await writeFile(join(folder, "nginx.conf"), `
daemon off;
${user}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events {}
http {
  access_log off;
  include /etc/nginx/mime.types;
${temporary.join("\n")}
${http}
}
`);
  const child = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"], { stdio: ["ignore", "ignore", "pipe"] });
  const written: string[] = [];
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once("close", () => { ended = true; resolve(); });
    child.once("error", (error) => { written.push(error.message); ended = true; resolve(); });
  });
  child.stderr.on("data", (chunk: Buffer) => written.push(chunk.toString()));
  const until = Date.now() + START_MS_MAX;
  while (!(await fetch(origin, { method: "HEAD" }).then(() => true, () => false))) {
    if (ended || Date.now() > until) {
      child.kill();
      throw new Error(`nginx does not answer at ${origin}:\n${written.join("")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await end;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
