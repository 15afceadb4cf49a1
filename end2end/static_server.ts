// A plain web server, as any mirror has one: files of a folder, `index.html` for a folder, nothing else.

import { createServer } from "node:http";
import { readFile, stat } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".rss": "application/rss+xml; charset=utf-8",
  ".atom": "application/atom+xml; charset=utf-8",
  ".ics": "text/calendar; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
};

/** A server, and how it is taken away. */
export interface FolderServer {
  origin: string;
  /** Paths that were asked for. */
  asked: string[];
  stop(): Promise<void>;
}

export interface ServingFolder {
  /** Before every path: files below it, nothing elsewhere. */
  below?: string;
  /** What stands in a page, or in a document of JSON, instead of what is in its file. */
  rewrite?(text: string, path: string): string;
  /** The file, from the folder, that answers for whatever is not there. */
  elsewhere?: string;
  /** Sends whoever asks for a folder without the slash at its end to the address with it, as many web servers do. */
  redirectFolders?: boolean;
  /** The port; one that is free where none is named. */
  port?: number;
  /** Sends every request there. */
  redirect?: string;
}

/** Serves `folder` on a port of its own, for readers of any origin. */
export async function serveFolder(folder: string, { below = "", rewrite, elsewhere, redirect, redirectFolders = false, port: wanted = 0 }: ServingFolder = {}): Promise<FolderServer> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    asked.push(pathname);
    response.setHeader("access-control-allow-origin", "*");
    if (redirect !== undefined) {
      response.writeHead(302, { location: redirect + pathname }).end();
      return;
    }
    const path = pathname.startsWith(`${below}/`) ? normalize(decodeURIComponent(pathname.slice(below.length))) : undefined;
    const file = (path === undefined ? undefined : await fileOf(join(folder, path))) ?? (elsewhere === undefined ? undefined : join(folder, elsewhere));
    if (path === undefined || file === undefined) {
      response.writeHead(404, { "content-type": "text/plain" }).end("no such file");
      return;
    }
    if (redirectFolders && file.endsWith("index.html") && !path.endsWith("/")) {
      response.writeHead(301, { location: `${pathname}/` }).end();
      return;
    }
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    const content = await readFile(file);
    const isRewritten = rewrite !== undefined && /\.(html|json)$/.test(file);
    response.writeHead(200, { "content-type": type }).end(isRewritten ? rewrite(content.toString(), pathname) : content);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(wanted, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

/** What common web servers look for: the file, the folder's index, the file with `.html`. */
async function fileOf(path: string): Promise<string | undefined> {
  for (const candidate of [path, join(path, "index.html"), `${path}.html`]) {
    const found = await stat(candidate).catch(() => undefined);
    if (found?.isFile()) return candidate;
  }
  return undefined;
}
