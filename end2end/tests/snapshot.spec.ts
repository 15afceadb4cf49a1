// The whole site as files, behind a web server that knows nothing of Holdfast.

import { join } from "node:path";
import { expect, startDemo, test } from "../reader.ts";
import { expectAccessible } from "../accessibility.ts";
import { crawl } from "../crawl.ts";
import { command, type Running } from "../holdfast.ts";
import { DESKTOP } from "../layout.ts";
import { INCIDENT } from "../replay.ts";
import { serveFolder } from "../static_server.ts";

test.use({ locale: "en-GB", timezoneId: "Asia/Shanghai", viewport: DESKTOP });

let demo: Running;
let mirror: Awaited<ReturnType<typeof serveFolder>>;
test.beforeAll(async () => {
  demo = await startDemo(["--at", "16:06"]);
  const folder = join(demo.data, "mirror");
  await command("snapshot", "write", folder, "--data", demo.data);
  // Nothing of it needs the node that wrote it.
  await demo.kill();
  mirror = await serveFolder(folder);
});
test.afterAll(async () => {
  await mirror.stop();
  await demo.stop();
});

for (const script of [true, false]) {
  test.describe(`JavaScript ${script ? "on" : "off"}`, () => {
    test.use({ javaScriptEnabled: script });

    test("the home page is whole, and leads to the incident", async ({ page }) => {
      await page.goto(`${mirror.origin}/en/`);
      await expect(page.locator("#headline")).toHaveText(/Cloud API and 5 .* down in Shanghai\. 16 of 17 regions have recovered\./);
      await expect(page.locator("#freshness")).toBeVisible();
      if (script) await expectAccessible(page);
      await page.locator("#incidents").getByRole("link").first().click();
      await expect(page).toHaveURL(new RegExp(`/en/incidents/${INCIDENT}`));
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Cloud API and console unavailable in all regions");
    });
  });
}

test("no link of it leads nowhere", async () => {
  const visited = await crawl(mirror.origin);
  expect(visited.filter(({ status }) => status !== 200).map(({ path, from }) => `${path} from ${from}`)).toEqual([]);
  expect(visited.some(({ path }) => path.includes(`/zh/incidents/${INCIDENT}`))).toBe(true);
});
