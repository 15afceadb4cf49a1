// Keeps the page readable when its address does not answer: asks the copies that the page's own list names, else shows
// what was kept here. Its words are templates in every page (`app/src/parts/copied.rs`); it has none of its own.
//
// - Only GET, only pages and the files that they name, only below its own scope; never /admin, /api and /live.
// - Only origins of the list that the page's own address gave. A copy that redirects is refused; none is told who asks.
//   No script comes from one, and what came from one goes when the list names it no more.
// - Never a board older than one that was shown: every count at most the other's, and one less. What only a copy showed,
//   or a region that is silent now, binds our own address for minutes.
"use strict";

// Then copies are asked, while our own address may still answer.
const PATIENCE_MS = 4000;
// After a failure: most outages are silence, and every page would wait for it.
const PATIENCE_MS_AFTER = 1500;
const OWN_MS_MAX = 30000;
const COPY_MS_MAX = 4000;
// Copies are asked in the order of the list, each so much before the next.
const HEAD_START_MS = 1000;
const COPIES_MAX = 16;
const COPY_BYTES_MAX = 8 << 20;
const LIST_MS_MAX = 600000;
// How long our own address is held against what only a copy showed, from its first older answer on.
const HELD_MS_MAX = 300000;
const PAGES_MAX = 30;
const FILES_MAX = 30;
// The newest board of each copy, and our own: more than one only where regions were apart.
const SHOWN_MAX = 24;

const SCOPE = new URL("./", location);
// Never resolved: a path may look like another origin.
const at = (path) => SCOPE.href + path;
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
  if (path?.startsWith("pkg/")) event.respondWith(file(path, request.destination === "style"));
  else if (path !== undefined && isPage(path) && (request.mode === "navigate" || !request.destination)) {
    event.respondWith(page(request, path, (work) => event.waitUntil(work.catch(() => {}))));
  }
});

// Below our scope.
function pathOf(address) {
  const path = address.startsWith(SCOPE.href) ? new URL(address).pathname.slice(SCOPE.pathname.length) : "/";
  if (!/^\/|\/\//.test(path)) return path;
}

const isPage = (path) => !/^(admin|api|live)(\/|$)|\.\w+$/.test(path);

// The pages that are open already were not asked for through this worker.
async function begin() {
  await clients.claim();
  await list(0).catch(() => {});
  for (const { url } of await clients.matchAll()) {
    const path = pathOf(url);
    if (path !== undefined && isPage(path)) await own(path, url, (work) => work.catch(() => {}), "default").catch(() => {});
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
  // A page of the past states no board, and one that is not there is no page: its header tells, or the list beside it.
  if (await (board ? isOld(board) : mayBeOld(totalOf(answer)))) {
    // The list may not name any more whoever showed the newer board.
    const about = await list(0).catch(() => {});
    const stated = about ? board ? exact(board, answer, about) : boardFrom(about) : board;
    if (await isOld(stated) && await isBehind(stated, timesOf(text, about))) throw answer;
    board &&= about && stated;
  }
  if (answer.ok && textOf(text, "kept")) {
    await note(board, text, "", answer.headers.get("content-security-policy")).catch(() => {});
    beside((async () => {
      await keep(path, text, confirmedOf(text) ?? answer.headers.get("holdfast-as-of") ?? "", "");
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

// The list, from our own address, where what is kept is older; anything else that answers there is no list.
async function list(ms) {
  const lay = Date.now() - Date.parse((await found("state", LIST))?.headers.get("date"));
  if (lay >= 0 && lay < ms) return;
  const about = await (await fetch(LIST, { cache: "no-cache", signal: AbortSignal.timeout(OWN_MS_MAX) })).json();
  boardFrom(about);
  const copies = about.copies.slice(0, COPIES_MAX).map(({ name, url }) => ({ name: String(name), url, origin: new URL(url).origin }));
  await put("state", LIST, stamped(JSON.stringify({ copies }), {}), 2);
  await forget((from) => !copies.some(({ url }) => url === from));
  return about;
}

// What `take` makes of the first copy of the list that answers.
async function ofCopies(take) {
  const { copies } = await (await found("state", LIST)).json();
  let isFound = false;
  const one = async (copy) => {
    if (isFound) throw undefined;
    const options = { signal: AbortSignal.timeout(COPY_MS_MAX), redirect: "error", credentials: "omit", cache: "no-cache" };
    const taken = await take(copy, async (path) => {
      const answer = await fetch(`${copy.url}/${path}`, options);
      if (!answer.ok) throw answer;
      let bytes = 0;
      const bounded = new TransformStream({
        transform: (part, out) => (bytes += part.length) > COPY_BYTES_MAX ? out.error() : out.enqueue(part),
      });
      return new Response(answer.body.pipeThrough(bounded), answer);
    });
    isFound = true;
    return taken;
  };
  let turn = Promise.resolve();
  return Promise.any(copies.filter(({ origin }) => origin !== SCOPE.origin).map((copy) => {
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
    if (!/^[\dT:.Z+-]+$/.test(confirmed)) throw undefined;
    await note(board, text, url);
    await keep(path, text, confirmed, url);
    return marked(text, "lent", name, confirmed);
  });
}

const keep = (path, text, confirmed, from) => put("pages", at(path), stamped(text, { "as-of": confirmed, from }), PAGES_MAX);

const stamped = (text, headers) => new Response(text, { headers: { ...headers, date: new Date().toUTCString() } });

// The last good page. Where it is older than what was shown elsewhere, the newest one that was kept.
async function held(request, path) {
  const page = await found("pages", at(path));
  const text = await page?.text();
  if (text && !await isOld(boardOf(text))) {
    // It is older by the time that it lay here, whatever clock the reader has; out of date, if that was set back.
    const lay = Math.ceil((Date.now() - Date.parse(page.headers.get("date"))) / 1000);
    const age = numberOf(text, "age-seconds") + (lay >= 0 ? lay : numberOf(text, "grey-seconds"));
    return marked(text.replace(/data-age-seconds="\d+"/, `data-age-seconds="${age}"`), "kept", "", page.headers.get("as-of"));
  }
  const newest = (await (await kept("pages")).keys()).pop()?.url;
  if (request.mode === "navigate" && newest && newest !== at(path)) return Response.redirect(newest);
  throw undefined;
}

// The page with the notice that it brings along, under the policy of our own address.
async function marked(text, kind, name, confirmed) {
  const safe = (words) => words.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt()};`);
  const notice = textOf(text, kind).replaceAll("{name}", () => safe(name)).replaceAll("{time}", () => safe(confirmed));
  const { policy = "default-src 'self'" } = await seen();
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "content-security-policy": policy };
  return new Response(text.replace(template(kind), () => notice), { headers });
}

const template = (kind) => new RegExp(`<template class="${kind}">(.*?)</template>`, "s");
const textOf = (text, kind) => template(kind).exec(text)?.[1];
const confirmedOf = (text) => /data-confirmed-at="([^"]+)"/.exec(text)?.[1];

// As of when our own address had all news: by the word of one region, and of every one. A page of the past does not say.
function timesOf(text, about) {
  const confirmed = confirmedOf(text);
  const whole = confirmed ? (/data-whole-at="([^"]+)"/.exec(text)?.[1]) : about?.whole_at;
  return { asOf: Date.parse(confirmed ?? about?.confirmed_at), whole: Date.parse(whole) };
}

const numberOf = (text, name) => Number(new RegExp(`data-${name}="(\\d+)"`).exec(text)?.[1] ?? 0);

// Of a page that states the present: the count of each node's events, by the first digits of its key.
const boardOf = (text) => counts(/data-held="([^"]*)"/.exec(text)?.[1]);

function counts(held) {
  if (!/^([0-9a-f]+:\d{1,15}( |$)){0,1024}$/.test(held)) return;
  return Object.fromEntries([...held.matchAll(/(\w+):(\d+)/g)].map(([, key, count]) => [key.slice(0, 16), Number(count)]));
}

function boardFrom(about) {
  const board = counts(Object.entries(about.board.held).map((one) => one.join(":")).join(" "));
  if (board) return board;
  throw undefined;
}

// A page may be as the newest board has it, and state an older one: what came since does not change it. Then its header
// says so. What is past states none, and is as new as the copy is.
const exact = (board, answer, about) => !board || totalOf(answer) === about.board.total ? boardFrom(about) : board;

const totalOf = (answer) => parseInt(answer.headers.get("holdfast-board"));

const covers = (one, other) => Object.entries(other).every(([key, count]) => count <= (one[key] ?? 0));
const isOlder = (one, other) => covers(other, one) && !covers(one, other);

// What was shown here, and our own policy: read once, then in memory.
function seen() {
  shown ??= found("state", SHOWN).then((known) => known?.json()).catch(() => {}).then((known) => known ?? { boards: [] });
  return shown;
}

const isOld = async (board) => Boolean(board) && (await seen()).boards.some((other) => isOlder(board, other.board));

// A board of so many events, or of nobody knows how many.
const mayBeOld = async (total) => (await seen()).boards.some(({ board }) => !(total >= totalCount(board)));
const totalCount = (board) => Object.values(board).reduce((sum, count) => sum + count, 0);

// Our own address shows an older board: another region answers, which lacks something. One that had all news of every
// region after the newer board was shown has lost it for good (a backup), and is believed. So it is, after a while, where
// some region is silent, which may be the one that knows better, or where only a copy does, which may lie.
async function isBehind(board, { asOf, whole }) {
  const newer = (await seen()).boards.filter((other) => isOlder(board, other.board) && !(whole > other.at));
  for (const other of newer) other.since ??= Date.now();
  await remember();
  const isRecent = (since) => Date.now() >= since && Date.now() - since < HELD_MS_MAX;
  return newer.some(({ from, at, since }) => (!from && !(asOf > at)) || isRecent(since));
}

// `from`: the copy's address; none, our own.
async function note(board, text, from, policy) {
  const known = await seen();
  if (policy) known.policy = policy;
  if (board) {
    const wrong = known.boards.filter((other) => !from && other.from && isOlder(board, other.board));
    if (wrong[0]) await forget((one) => wrong.some((other) => other.from === one));
    const told = (Date.parse(confirmedOf(text)) || 0) + numberOf(text, "age-seconds") * 1000;
    const before = known.boards.find((other) => from && other.from === from);
    // No copy takes the place of what another one showed, or our own address.
    const isOver = (other) => other === before || (!from && (covers(board, other.board) || (!other.from && covers(other.board, board))));
    // A copy may tell any time. None is later than now, nor than when it first showed as much: each look at it would else
    // put off our own address.
    const first = before && covers(before.board, board) ? before.at : Date.now();
    const next = { board, from, since: before?.since, at: from ? Math.min(told, first) : told };
    known.boards = [...known.boards.filter((other) => !isOver(other)).slice(1 - SHOWN_MAX), next];
  }
  await remember();
}

const remember = async () => put("state", SHOWN, new Response(JSON.stringify(await seen())), 2);

// What came from such copies: boards, pages and files.
async function forget(isFrom) {
  const known = await seen();
  known.boards = known.boards.filter(({ from }) => !from || !isFrom(from));
  await remember();
  for (const name of ["pages", "lent files"]) {
    for (const key of await (await kept(name)).keys()) {
      const from = (await found(name, key))?.headers.get("from");
      if (from && isFrom(from)) await (await kept(name)).delete(key);
    }
  }
}

// A file never changes under its name. What a copy gave is kept apart, and never stands in for our own. It is a style
// sheet and nothing else: whoever gives a script has the page.
async function file(path, isStyle) {
  const known = await found("files", at(path)) ?? (isDown && isStyle ? await found("lent files", at(path)) : undefined);
  if (known) return known;
  const fetched = async () => {
    const answer = await fetch(at(path), { signal: AbortSignal.timeout(OWN_MS_MAX) });
    if (!answer.ok) throw answer;
    await put("files", at(path), answer.clone(), FILES_MAX);
    return answer;
  };
  const borrowed = () => ofCopies(async ({ url }, ask) => {
    const headers = { "content-type": "text/css", "x-content-type-options": "nosniff", from: url };
    const answer = new Response((await ask(path)).body, { headers });
    await put("lent files", at(path), answer.clone(), FILES_MAX);
    return answer;
  });
  return (isStyle ? either(fetched(), borrowed) : fetched()).catch(() => Response.error());
}

// The files that a text names, and what the first script of a page names in turn.
async function files(text) {
  for (const [path] of text.matchAll(/pkg\/[\w.]+/g)) {
    const answer = await file(path, false);
    if (path.startsWith("pkg/boot.")) await files(await answer.text());
  }
}

// Where the browser has no room, nothing is kept, and our own page is shown nevertheless.
const found = (name, key) => kept(name).then((cache) => cache.match(key)).catch(() => {});

async function put(name, key, answer, most) {
  try {
    const cache = await kept(name);
    await cache.put(key, answer);
    for (const old of (await cache.keys()).slice(0, -most)) await cache.delete(old);
  } catch {}
}
