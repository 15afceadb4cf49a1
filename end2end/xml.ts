// Feeds are parsed by the browser's own XML parser, which has no part in how they are made.

import { expect, type Page } from "@playwright/test";

/** What a feed says of its entries, whichever of the two formats it has. */
export interface Feed {
  /** The name of the root element. */
  root: string;
  entries: { title: string; id: string; link: string; text: string }[];
}

/** Parses RSS or Atom; fails where it is not well formed. `page` is any open page. */
export async function parseFeed(page: Page, xml: string): Promise<Feed> {
  const feed = await page.evaluate((source) => {
    const tree = new DOMParser().parseFromString(source, "application/xml");
    const fault = tree.querySelector("parsererror");
    if (fault) return { fault: fault.textContent };
    const entries = [...tree.querySelectorAll("item, entry")].map((entry) => {
      const of = (names: string) => entry.querySelector(names)?.textContent?.trim() ?? "";
      const link = entry.querySelector("link");
      return {
        title: of("title"),
        id: of("guid, id"),
        link: link?.getAttribute("href") ?? link?.textContent?.trim() ?? "",
        text: of("description, content, summary"),
      };
    });
    return { root: tree.documentElement.localName, entries };
  }, xml);
  if ("fault" in feed) expect(feed.fault, "the feed is well formed").toBeNull();
  return feed as Feed;
}
