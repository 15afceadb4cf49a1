// `npm run shots`: screenshots for people to look at, into `shots/`. Not a test; nothing is compared.

import { defineConfig } from "@playwright/test";
import { chromium } from "./chromium.ts";

export default defineConfig({
  testDir: ".",
  testMatch: "shots.ts",
  outputDir: "results",
  fullyParallel: true,
  workers: 2,
  timeout: 120_000,
  reporter: [["line"]],
  use: { ...chromium },
});
