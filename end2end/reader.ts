// The `test` of every file here: a page that is watched. A test fails at its end when its page wrote to the console,
// threw, was refused something by its own policy, had a request fail, or asked any origin but its own.

import { test as base, type Page } from "@playwright/test";
import { start, stopped, temporaryFolder, type Running } from "./holdfast.ts";

export { expect } from "@playwright/test";

/** Starts, once for each worker, the demonstration at a moment of 8 April 2024 such as "16:06". */
type Demo = (at: string) => Promise<Running>;

interface Options {
  /** The test takes the server away: failed requests, and the browser's own messages about them, are expected. */
  outage: boolean;
  /** The test makes pages say no: the browser's own messages about their status are expected. */
  refused: boolean;
  /** Paths that the worker in the browser must refuse: the browser's own messages about them are expected. */
  denied: string[];
  /** The test signs out behind its page's back: what the page then asks for by script is answered with 401. */
  signedOut: boolean;
}

export const test = base.extend<Options, { demo: Demo }>({
  outage: [false, { option: true }],
  refused: [false, { option: true }],
  denied: [[], { option: true }],
  signedOut: [false, { option: true }],
  demo: [
    async ({}, use) => {
      const running = new Map<string, Promise<Running>>();
      await use((at) => {
        const known = running.get(at);
        if (known) return known;
        const started = startDemo(["--at", at]);
        running.set(at, started);
        return started;
      });
      for (const one of running.values()) await one.then((demo) => demo.stop(), () => undefined);
    },
    { scope: "worker" },
  ],
  page: async ({ page, outage, refused, denied, signedOut, javaScriptEnabled }, use) => {
    const faults = watch(page, { outage, refused, denied, signedOut }, javaScriptEnabled !== false);
    await use(page);
    base.expect(faults, "what the page should not have done").toEqual([]);
  },
});

/** A demonstration in a folder of its own. */
export async function startDemo(args: string[]): Promise<Running> {
  const data = await temporaryFolder();
  return start(["demo", "--listen", "127.0.0.1:0", "--dir", data, ...args], data, true);
}

/** Notes every fault of a page from now on. */
function watch(page: Page, { outage, refused, denied, signedOut }: Options, script: boolean): string[] {
  const faults: string[] = [];
  const origins = new Set<string>();
  const isGone = (address: string) => outage || (URL.canParse(address) && stopped.has(new URL(address).origin));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) origins.add(origin);
    else if (protocol.startsWith("http") && !origins.has(origin)) faults.push(`asks another origin: ${request.url()}`);
  });
  page.on("pageerror", (error) => faults.push(`threw: ${error.message}`));
  page.on("console", (message) => {
    // A browser says of every page that is not there that it is not there.
    if (message.location().url === page.url() && /status of 404/.test(message.text())) return;
    if (refused && new URL(message.location().url).origin === new URL(page.url()).origin && /status of (401|409|422|503)/.test(message.text())) return;
    if (signedOut && /status of 401/.test(message.text())) return;
    if (/ERR_FAILED/.test(message.text()) && denied.includes(new URL(message.location().url).pathname)) return;
    const isOfOutage = isGone(message.location().url) && /ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/.test(message.text());
    if (!isOfOutage) faults.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on("requestfailed", (request) => {
    // Leaving a page ends its stream, and whatever it was still asking for: a test may go on before all of that came.
    const isLeaving = request.failure()?.errorText === "net::ERR_ABORTED";
    // Without JavaScript a browser refuses every script, and reports that as a failure of its own.
    const isRefused = !script && request.resourceType() === "script" && request.failure()?.errorText === "csp";
    if (!isGone(request.url()) && !isLeaving && !isRefused) faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => {
    if (signedOut && response.status() === 401) return;
    if (response.status() >= 400 && !response.request().isNavigationRequest()) {
      faults.push(`${response.status()}: ${response.url()}`);
    }
  });
  return faults;
}
