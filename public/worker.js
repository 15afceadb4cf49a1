// Keeps the page readable when its address does not answer: asks the copies that the page's own list names, else shows
// what was kept here. Its words are templates in every page (`app/src/parts/copied.rs`); it has none of its own.
//
// - Only GET, only pages and the files that they name, only below its own scope; never /admin, /api and /live.
// - Only origins of the list that the page's own address gave. A copy that redirects is refused; none is told who asks.
// - Never a board older than one that was shown: every count at most the other's, and one less.
"use strict";

// Then copies are asked, while our own address may still answer.
const PATIENCE_MS = 4000;
// After a failure: most outages are silence, and every page would wait for it.
const PATIENCE_MS_AFTER = 1500;
const OWN_MS_MAX = 30000;
const COPY_MS_MAX = 4000;
// Copies are asked in the order of the list, each so much before the next.
const HEAD_START_MS = 1000;
const LIST_MS_MAX = 600000;
const PAGES_MAX = 30;
const FILES_MAX = 30;
// Boards of which none is older than another: more than one only where regions were apart.
const SHOWN_MAX = 8;

const SCOPE = new URL("./", location);
const at = (path) => new URL(path, SCOPE).href;
const LIST = at("api/v1/copies.json");
// A name for what is kept; nothing is served there.
const SHOWN = at("shown");
const kept = (name) => caches.open(`holdfast ${name} ${SCOPE.pathname}`);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let isDown = false;
let shown;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(begin()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const path = request.method === "GET" ? pathOf(request.url) : undefined;
  if (path?.startsWith("pkg/")) event.respondWith(file(path));
  else if (path !== undefined && isPage(path) && (request.mode === "navigate" || !request.destination)) {
    event.respondWith(page(request, path, (work) => event.waitUntil(work.catch(() => {}))));
  }
});

// Below our scope.
function pathOf(address) {
  const url = new URL(address);
  if (url.origin === SCOPE.origin && url.pathname.startsWith(SCOPE.pathname)) return url.pathname.slice(SCOPE.pathname.length);
}

const isPage = (path) => !/^(admin|api|live)(\/|$)|\.\w+$/.test(path);

// The pages that are open already were not asked for through this worker.
async function begin() {
  await clients.claim();
  await list(0).catch(() => {});
  for (const { url } of await clients.matchAll()) {
    const path = pathOf(url);
    if (path !== undefined && isPage(path)) await own(path, url, (work) => work, "default").catch(() => {});
  }
}

async function page(request, path, beside) {
  const asked = own(path, request, beside);
  try {
    return await either(asked, () => lent(path).catch(() => held(request, path)));
  } catch {
    // Not good, and yet all there is: what our own address said, else nothing.
    return asked.catch((failure) => failure instanceof Response ? failure : Response.error());
  }
}

// What our own address says, and not what the browser's cache does; fails with the answer if that is no good.
async function own(path, request, beside, cache = "no-cache") {
  const answer = await fetch(request, { cache, signal: AbortSignal.timeout(OWN_MS_MAX) });
  const text = await answer.clone().text();
  if (answer.status >= 500) throw answer;
  let board = boardOf(text);
  if (await isBehind(board, text)) board = exact(board, answer, await (await fetch(LIST, { cache })).json());
  if (await isBehind(board, text)) throw answer;
  if (answer.ok && textOf(text, "kept")) {
    await note(board, text, answer.headers.get("content-security-policy"));
    beside((async () => {
      await keep(path, text, confirmedOf(text) ?? answer.headers.get("holdfast-as-of") ?? "");
      await files(text);
      await list(LIST_MS_MAX);
    })());
  }
  return answer;
}

// The first, where it is good and soon; else whichever of both is.
async function either(first, second) {
  const isGood = await Promise.race([first.then(() => true, () => false), wait(isDown ? PATIENCE_MS_AFTER : PATIENCE_MS)]);
  isDown = !isGood;
  first.then(() => { isDown = false; }, () => {});
  return isGood ? first : Promise.any([first, second()]);
}

// The list, from our own address, where what is kept is older.
async function list(ms) {
  const state = await kept("state");
  const date = (await state.match(LIST))?.headers.get("date");
  if (date && Date.now() - Date.parse(date) < ms) return;
  const answer = await fetch(LIST, { signal: AbortSignal.timeout(OWN_MS_MAX) });
  const headers = { date: new Date().toUTCString() };
  if (answer.ok) await state.put(LIST, new Response(await answer.text(), { headers }));
}

// What `take` makes of the first copy of the list that answers.
async function ofCopies(take) {
  const found = await (await kept("state")).match(LIST);
  const all = found ? (await found.json()).copies.filter(({ url }) => new URL(url).origin !== SCOPE.origin) : [];
  let isFound = false;
  const one = async (copy) => {
    if (isFound) throw undefined;
    const options = { signal: AbortSignal.timeout(COPY_MS_MAX), redirect: "error", credentials: "omit", cache: "no-cache" };
    const taken = await take(copy, async (path) => {
      const answer = await fetch(`${copy.url}/${path}`, options);
      if (!answer.ok) throw answer;
      return answer;
    });
    isFound = true;
    return taken;
  };
  let turn = Promise.resolve();
  return Promise.any(all.map((copy) => {
    const taken = turn.then(() => one(copy));
    turn = Promise.race([taken.catch(() => {}), turn.then(() => wait(HEAD_START_MS))]);
    return taken;
  }));
}

// A copy's page, marked as such.
function lent(path) {
  return ofCopies(async ({ name, url }, ask) => {
    const about = await (await ask("api/v1/copies.json")).json();
    if (await isOld(boardFrom(about))) throw undefined;
    // A copy made of files does not choose the language, and redirects what has no slash at its end.
    const language = /^(en|zh)(\/|$)/.test(path) ? "" : /^zh/i.test(navigator.language) ? "zh/" : "en/";
    const answer = await ask(`${language}${path}`.replace(/\/*$/, "/"));
    let text = await answer.text();
    const board = exact(boardOf(text), answer, about);
    if (!textOf(text, "lent") || await isOld(board)) throw undefined;
    const [there, here] = [new URL(url).pathname.replace(/\/*$/, "/"), SCOPE.pathname];
    if (there !== here) text = text.replaceAll(`="${there}`, `="${here}`);
    const confirmed = confirmedOf(text) ?? about.confirmed_at;
    await note(board, text);
    await keep(path, text, confirmed);
    return marked(text, "lent", name, confirmed);
  });
}

const keep = (path, text, confirmed) =>
  put("pages", path, new Response(text, { headers: { "as-of": confirmed, date: new Date().toUTCString() } }), PAGES_MAX);

// The last good page. Where it is older than what was shown elsewhere, the newest one that was kept.
async function held(request, path) {
  const pages = await kept("pages");
  const found = await pages.match(at(path));
  const text = await found?.text();
  if (text && !await isOld(boardOf(text))) {
    // It is older by the time that it lay here, whatever clock the reader has.
    const lay = Math.max(0, Math.ceil((Date.now() - Date.parse(found.headers.get("date"))) / 1000));
    const aged = text.replace(/data-age-seconds="\d+"/, () => `data-age-seconds="${numberOf(text, "age-seconds") + lay}"`);
    return marked(aged, "kept", "", found.headers.get("as-of"));
  }
  const newest = (await pages.keys()).pop()?.url;
  if (request.mode === "navigate" && newest && newest !== at(path)) return Response.redirect(newest);
  throw undefined;
}

// The page with the notice that it brings along, under the policy of our own address.
async function marked(text, kind, name, confirmed) {
  const safe = (words) => words.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt()};`);
  const notice = textOf(text, kind).replaceAll("{name}", () => safe(name)).replaceAll("{time}", () => safe(confirmed));
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  const { policy } = await seen();
  if (policy) headers["content-security-policy"] = policy;
  return new Response(text.replace(template(kind), () => notice), { headers });
}

const template = (kind) => new RegExp(`<template class="${kind}">(.*?)</template>`, "s");
const textOf = (text, kind) => template(kind).exec(text)?.[1];
const confirmedOf = (text) => /data-confirmed-at="([^"]+)"/.exec(text)?.[1];

const numberOf = (text, name) => Number(new RegExp(`data-${name}="(\\d+)"`).exec(text)?.[1] ?? 0);

// Of a page that states the present: the count of each node's events, by the first digits of its key.
function boardOf(text) {
  const board = /data-held="([^"]*)"/.exec(text)?.[1];
  if (board !== undefined) return counts(board.split(" ").filter(Boolean).map((one) => one.split(":")));
}

const counts = (entries) => Object.fromEntries(entries.map(([key, count]) => [key.slice(0, 16), Number(count)]));
const boardFrom = (about) => counts(Object.entries(about.board.held));

// A page may be as the newest board has it, and state an older one: what came since does not change it. Then its header
// says so. What is past states none, and is as new as the copy is.
const exact = (board, answer, about) =>
  !board || parseInt(answer.headers.get("holdfast-board")) === about.board.total ? boardFrom(about) : board;

const covers = (one, other) => Object.entries(other).every(([key, count]) => count <= (one[key] ?? 0));
const isOlder = (one, other) => covers(other, one) && !covers(one, other);

// What was shown here, and our own policy: read once, then in memory.
function seen() {
  shown ??= (async () => await (await (await kept("state")).match(SHOWN))?.json() ?? { boards: [] })();
  return shown;
}

const isOld = async (board) => Boolean(board) && (await seen()).boards.some((other) => isOlder(board, other.board));

// Our own address shows an older board: another region answers, which lacks something. One that had all news after the
// newer board was shown has lost it for good (a backup), and is believed.
async function isBehind(board, text) {
  const asOf = Date.parse(confirmedOf(text));
  return Boolean(board) && (await seen()).boards.some((other) => isOlder(board, other.board) && asOf <= other.at);
}

async function note(board, text, policy) {
  const known = await seen();
  if (policy) known.policy = policy;
  if (board) {
    const apart = known.boards.filter((other) => !covers(board, other.board) && !covers(other.board, board));
    known.boards = [...apart.slice(1 - SHOWN_MAX), { board, at: (Date.parse(confirmedOf(text)) || 0) + numberOf(text, "age-seconds") * 1000 }];
  }
  await (await kept("state")).put(SHOWN, new Response(JSON.stringify(known)));
}

// A file never changes under its name. What a copy gave is kept apart, and never stands in for our own.
async function file(path) {
  const found = await (await kept("files")).match(at(path)) ?? (isDown ? await (await kept("lent files")).match(at(path)) : undefined);
  if (found) return found;
  const fetched = async () => {
    const answer = await fetch(at(path), { signal: AbortSignal.timeout(OWN_MS_MAX) });
    if (!answer.ok) throw answer;
    await put("files", path, answer.clone(), FILES_MAX);
    return answer;
  };
  const borrowed = () => ofCopies(async (_, ask) => {
    const { body, headers } = await ask(path);
    // Of its own address the policy would say that it is another's.
    const answer = new Response(body, { headers: { "content-type": headers.get("content-type") } });
    await put("lent files", path, answer.clone(), FILES_MAX);
    return answer;
  });
  return await either(fetched(), borrowed).catch(() => undefined) ?? Response.error();
}

// The files that a text names, and what the first script of a page names in turn.
async function files(text) {
  for (const [path] of text.matchAll(/pkg\/[\w.]+/g)) {
    const answer = await file(path);
    if (path.startsWith("pkg/boot.")) await files(await answer.text());
  }
}

async function put(name, path, answer, most) {
  const cache = await kept(name);
  await cache.put(at(path), answer);
  const keys = await cache.keys();
  for (const old of keys.slice(0, -most)) await cache.delete(old);
}
