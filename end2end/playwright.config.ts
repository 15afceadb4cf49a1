// The page in a real browser, against the built server.
//
// | file | what |
// |---|---|
// | `holdfast.ts` | starts the program, waits for its address, runs its command line |
// | `administrator.ts` | the first administrator, by the link that a start prints |
// | `console_page.ts` | what a page of the console has to be, whatever it says |
// | `reader.ts` | the `test` of every file here: a page that is watched for console messages, failures, other origins |
// | `accessibility.ts` | axe, WCAG 2.2 AA |
// | `html.ts` | html-validate, and which rules are off and why |
// | `crawl.ts` | every page that links lead to |
// | `xml.ts` | an independent parser for the feeds: the browser's own |
// | `cluster.ts` | several regions as processes of their own, linked |
// | `relay.ts` | the network between two of them, which can be gone |
// | `oidc_provider.ts` | a provider to sign in by |
// | `outage.ts` | a node at an address of its own, and mirrors of its files, each of which can be taken away |
// | `worker.ts` | what the worker in the browser keeps |
// | `disaster.ts`, `screens.ts`, `witness.ts` | what the disaster test takes away, who looks on, and who judges what was served |
// | `nginx.ts` | nginx with the configurations of the documentation |
// | `static_server.ts` | a plain web server for the snapshot |
// | `tests/` | one file per subject |
// | `shots.config.ts`, `shots.ts` | screenshots to look at, into `shots/` (`npm run shots`) |
//
// `HOLDFAST_BIN` names the program, `CHROMIUM` the browser. Nothing here sleeps: tests wait for what they expect.

import { defineConfig } from "@playwright/test";
import { chromium } from "./chromium.ts";
import { program } from "./holdfast.ts";

// Said once, before any test starts.
program();

export default defineConfig({
  testDir: "tests",
  outputDir: "results",
  fullyParallel: true,
  workers: 2,
  // Browsers and processes race on a busy machine. What passes at its second attempt is listed as flaky at the end: mend it.
  retries: 1,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: { ...chromium, trace: "retain-on-failure" },
});
