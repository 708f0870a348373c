// @ts-check
/**
 * The service worker of /terminal: a PC that is switched on while the coordinator is down still
 * finds its page, and with the day in its storage its lesson.
 *
 * One cache a version, filled whole at its installation or not at all, and never changed after. The
 * page itself comes from the network while that answers; answers of the API are never kept. A new
 * version waits until the page lets it take over (offline_page.js): never in a lesson.
 *
 * `SHELL` is put before this text by web/terminal/worker.py.
 */

const PREFIX = "tongke-terminal-";
const CACHE = PREFIX + SHELL.version;
const NETWORK_WITHIN = 3000; // milliseconds, then the kept page is shown

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));

self.addEventListener("message", (event) => {
  if (event.data === "take over") {
    event.waitUntil(self.skipWaiting());
  }
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) {
    return;
  }
  if (event.request.mode === "navigate" && url.pathname === "/terminal") {
    event.respondWith(page(event.request, url));
  } else if (SHELL.files.includes(url.pathname)) {
    event.respondWith(file(event.request, url.pathname));
  }
});

async function install() {
  const cache = await caches.open(CACHE);
  const kept = [
    ...Object.values(SHELL.pages).map((address) => keep(cache, address, isOurPage)),
    ...SHELL.files.map((address) => keep(cache, address, isOurFile)),
  ];
  try {
    await Promise.all(kept);
  } catch (error) {
    await caches.delete(CACHE);
    throw error; // not installed: the browser tries again at its next check
  }
}

/**
 * @param {Cache} cache
 * @param {string} address
 * @param {(answer: Response) => Promise<boolean>} belongs
 */
async function keep(cache, address, belongs) {
  const answer = await fetch(address, { cache: "reload", credentials: "omit" });
  if (!answer.ok || !(await belongs(answer.clone()))) {
    throw new Error(`${address} is not of this version`);
  }
  await cache.put(address, answer);
}

/** A server that was renewed meanwhile answers with a page that asks for other files. */
async function isOurPage(answer) {
  return (await answer.text()).includes(SHELL.statics);
}

/** The server marks a file so only under its own version's address. */
async function isOurFile(answer) {
  return (answer.headers.get("Cache-Control") ?? "").includes("immutable");
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim(); // a page that we serve is one that a newer version waits for
}

/**
 * @param {Request} request
 * @param {URL} url
 * @returns {Promise<Response>}
 */
async function page(request, url) {
  const asked = url.searchParams.get("language") ?? "";
  const kept = await find(SHELL.pages[asked] ?? SHELL.pages[SHELL.usual]);
  if (kept === undefined) {
    return fetch(request); // somebody emptied the browser's storage
  }
  const tooLong = new Promise((resolve) => setTimeout(resolve, NETWORK_WITHIN, kept));
  return Promise.race([fetch(request).then((answer) => usable(answer) ? answer : kept), tooLong])
    .catch(() => kept); // nobody answers there
}

/** A proxy whose coordinator is down answers as well: with an error page. */
function usable(answer) {
  return answer.ok || answer.type === "opaqueredirect";
}

/**
 * @param {Request} request
 * @param {string} path
 * @returns {Promise<Response>}
 */
async function file(request, path) {
  return (await find(path)) ?? fetch(request);
}

/**
 * @param {string} address
 * @returns {Promise<Response | undefined>}
 */
async function find(address) {
  const cache = await caches.open(CACHE);
  return cache.match(address, { ignoreVary: true });
}
