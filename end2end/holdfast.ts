// The program under test: starts it, waits for its address, runs its command line.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Longest wait for the address on the program's output. */
const START_MS_MAX = 15_000;
/** Longest wait for an end after a request to stop; after it the process is killed. */
const STOP_MS_MAX = 10_000;
/** Longest run of one command. */
const COMMAND_MS_MAX = 30_000;
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;

/** Origins of servers that were stopped, as at the end of a test: a page that is open still asks there in vain. */
export const stopped = new Set<string>();

/** The path of the program; an error that says what to do where none is named. */
export function program(): string {
  const path = process.env.HOLDFAST_BIN;
  if (!path) {
    throw new Error("HOLDFAST_BIN names no program: set it to the path of the built `holdfast`, or run `cargo xtask test`");
  }
  return path;
}

/** A running server. */
export interface Running {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  origin: string;
  /** The folder that holds its data; removed by `stop` if it was made here. */
  data: string;
  /** What it has written so far, for messages. */
  output(): string;
  /** Ends it as an operator would, and waits for its end. */
  stop(): Promise<void>;
  /** Ends it at once, as a fault would; the data stay. */
  kill(): Promise<void>;
  /** Lets it hang: it takes connections and answers none, until it goes on. */
  hang(): void;
  goOn(): void;
}

/** A folder of its own for one test. */
export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "holdfast-"));
}

/** Starts the program with these arguments and waits until it has told its address. */
export async function start(args: string[], data: string, ownsData: boolean): Promise<Running> {
  const child = spawn(program(), args, { stdio: ["ignore", "pipe", "pipe"] });
  const written: string[] = [];
  let ended = false;
  const end = new Promise<void>((resolve) => child.once("close", () => { ended = true; resolve(); }));
  const origin = await new Promise<string>((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`holdfast ${args.join(" ")} ${what}:\n${written.join("")}`));
    const timer = setTimeout(() => { child.kill("SIGKILL"); fail("told no address"); }, START_MS_MAX);
    const read = (chunk: Buffer) => {
      written.push(chunk.toString());
      const found = ADDRESS.exec(written.join(""));
      if (found) { clearTimeout(timer); resolve(found[0]); }
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", (error) => { clearTimeout(timer); fail(`did not start (${error.message})`); });
    child.once("exit", (code) => { clearTimeout(timer); fail(`ended with ${code}`); });
  });
  stopped.delete(origin);
  const close = async (signal: NodeJS.Signals) => {
    await finish(child, () => ended, end, signal);
  };
  return {
    origin,
    data,
    output: () => written.join(""),
    stop: async () => {
      stopped.add(origin);
      await close("SIGTERM");
      if (ownsData) await rm(data, { recursive: true, force: true });
    },
    kill: () => close("SIGKILL"),
    hang: () => { child.kill("SIGSTOP"); },
    goOn: () => { child.kill("SIGCONT"); },
  };
}

async function finish(child: ChildProcess, ended: () => boolean, end: Promise<void>, signal: NodeJS.Signals) {
  if (ended()) return;
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await end;
  clearTimeout(timer);
}

/** What a command printed, and its exit code. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end, whatever that is. */
export async function attempt(args: string[], input?: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(program(), args, { timeout: COMMAND_MS_MAX, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === "number") resolve({ code, stdout, stderr });
      else reject(error);
    });
    // A program that ends without having read its input says why by its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input ?? "");
  });
}

/** Runs a command that must succeed; its standard output. */
export async function command(...args: string[]): Promise<string> {
  const outcome = await attempt(args);
  if (outcome.code !== 0) {
    throw new Error(`holdfast ${args.join(" ")} ended with ${outcome.code}:\n${outcome.stdout}${outcome.stderr}`);
  }
  return outcome.stdout;
}
