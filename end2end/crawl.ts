// Every page and file that links lead to, from one start, without a browser.

/** More pages than any test site has; past it the crawl fails rather than runs on. */
const PAGES_MAX = 600;
const AT_ONCE = 8;

/** One fetched address of the site. */
export interface Visited {
  path: string;
  status: number;
  type: string;
  body: string;
  /** The first page that linked here. */
  from: string;
}

/** Follows `href` and `src` inside of `origin`, each path once. Fragments are ignored; other origins are not fetched. */
export async function crawl(origin: string, start = "/"): Promise<Visited[]> {
  const visited: Visited[] = [];
  const known = new Set([start]);
  let wave = [{ path: start, from: "" }];
  while (wave.length > 0) {
    const next: typeof wave = [];
    for (let index = 0; index < wave.length; index += AT_ONCE) {
      const pages = await Promise.all(wave.slice(index, index + AT_ONCE).map((link) => visit(origin, link)));
      for (const page of pages) {
        visited.push(page);
        for (const path of page.type.startsWith("text/html") ? links(page.body, origin, page.path) : []) {
          if (known.has(path)) continue;
          known.add(path);
          if (known.size > PAGES_MAX) throw new Error(`more than ${PAGES_MAX} pages, the last from ${page.path}`);
          next.push({ path, from: page.path });
        }
      }
    }
    wave = next;
  }
  return visited;
}

async function visit(origin: string, { path, from }: { path: string; from: string }): Promise<Visited> {
  const response = await fetch(origin + path, { redirect: "manual" });
  return { path, from, status: response.status, type: response.headers.get("content-type") ?? "", body: await response.text() };
}

function links(html: string, origin: string, from: string): string[] {
  const found = new Set<string>();
  for (const [, value] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
    const address = new URL((value ?? "").replaceAll("&amp;", "&"), origin + from);
    if (address.origin === origin) found.add(address.pathname + address.search);
  }
  return [...found];
}
