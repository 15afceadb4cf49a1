// What an operator, or somebody with an operator's token, writes is text: nothing of it runs in a reader's browser.

import { expect, test } from "../reader.ts";
import { expectValidHtml } from "../html.ts";
import { hydrated } from "../layout.ts";
import { CATALOG, serve, type Serving } from "../serving.ts";
import { parseFeed } from "../xml.ts";

const TITLE = `<script>window.ran="title"</script> & "quoted" <b>`;
const MARKDOWN = [
  `<script>window.ran="script"</script>`,
  `<img src="x" onerror="window.ran='onerror'">`,
  `[a link](javascript:window.ran='link')`,
  `<a href="javascript:window.ran='a'">raw</a>`,
  `<svg onload="window.ran='svg'"></svg>`,
  `<iframe srcdoc="<script>parent.ran='frame'</script>"></iframe>`,
  `![picture](https://elsewhere.example/pixel.png)`,
  `[data](data:text/html,<script>1</script>)`,
  `<style>main { display: none }</style>`,
  `<div id="freshness" onclick="window.ran=1" style="position:fixed;inset:0">over all</div>`,
  "**bold** and `code`",
].join("\n\n");

declare global {
  interface Window {
    /** Set by whatever of the text ran. */
    ran?: string;
  }
}

let site: Serving;
let id: string;
test.beforeEach(async () => {
  site = await serve();
  await site.operate("catalog", "apply", CATALOG);
  ({ incident: id } = await site.operate(
    "incident", "open", "--title", TITLE, "--impact", "minor", "--text", MARKDOWN, "--scope", "console=degraded_performance",
  ));
});
test.afterEach(async () => { await site.stop(); });

for (const script of [true, false]) {
  test.describe(`JavaScript ${script ? "on" : "off"}`, () => {
    test.use({ javaScriptEnabled: script, locale: "en-GB" });

    test("titles and Markdown are shown, and do nothing", async ({ page }) => {
      for (const path of ["/en/", `/en/incidents/${id}`, "/en/history", "/zh/"]) {
        await page.goto(site.origin + path);
        await expect(page.locator("main")).toContainText(`<script>window.ran="title"</script> & "quoted" <b>`);
        if (script && path !== "/en/history") await hydrated(page);
        expect(await page.evaluate(() => window.ran), path).toBeUndefined();
        const dangerous = "main script, main iframe, main img, main object, main style, main [onerror], main [onload], main [onclick], main [style], a[href^='javascript:'], a[href^='data:']";
        await expect(page.locator(dangerous)).toHaveCount(0);
        await expect(page.locator("[id=freshness]")).toHaveCount(path === "/en/history" ? 0 : 1);
        await expectValidHtml(await site.text(path), path);
      }
      await page.goto(`${site.origin}/en/incidents/${id}`);
      await expect(page.locator(".prose strong").first()).toHaveText("bold");
    });
  });
}

test("feeds stay well formed and carry nothing that runs", async ({ page }) => {
  await page.goto(`${site.origin}/en/`);
  for (const format of ["rss", "atom"]) {
    const read = async () => (await parseFeed(page, await site.text(`/en/history.${format}`))).entries;
    // The feeds follow a post within a second.
    await expect.poll(async () => (await read()).length).toBe(1);
    const entries = await read();
    expect(entries[0]?.title).toContain("<script>");
    // As a feed reader would take it: as HTML.
    const dangerous = await page.evaluate((html) => {
      const content = new DOMParser().parseFromString(html, "text/html").body;
      const found = content.querySelectorAll("script, iframe, img, object, style, svg, [onerror], [onload], [onclick], [style], a[href]:not([href^='http'])");
      return [...found].map((element) => element.outerHTML);
    }, entries[0]?.text ?? "");
    expect(dangerous, format).toEqual([]);
  }
});
