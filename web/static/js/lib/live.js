// @ts-check
/**
 * Keeps a server-rendered page fresh: the server says by server-sent events that something
 * changed, the page is fetched again, and every element with a data-live name is replaced by its
 * new version. Nothing is replaced while somebody uses it (focus inside, or an open confirmation).
 * Parts that are only read (details with a data-keep name) stay open or closed as they were, and
 * what has an id keeps its focus.
 */

const topics = document.body.dataset.topics ?? "";
const PAUSE = 400; // ms: several changes of one transaction cost one fetch
const RETRY = 3000; // ms until the next try where the browser itself has given up
const AWAY_AFTER = 4000; // ms without the server until the page says so: a restart takes less
const away = document.getElementById("away");
let timer = 0;
let awayTimer = 0;

/** @param {Element} element */
const focusedIn = (element) => {
  const focused = document.activeElement;
  return focused && element.contains(focused) ? focused : null;
};

/** @param {Element} element */
const inUse = (element) =>
  focusedIn(element)?.matches(":not(summary[id], a[id])") ||
  element.querySelector("details[open]:not([data-keep])") !== null;

/**
 * @param {Element} old
 * @param {Element} twin its new version, which opens where the old one was open
 */
function keepOpen(old, twin) {
  for (const part of old.querySelectorAll("details[data-keep]")) {
    const name = part.getAttribute("data-keep") ?? "";
    const same = twin.querySelector(`details[data-keep="${CSS.escape(name)}"]`);
    same?.toggleAttribute("open", part.hasAttribute("open"));
  }
}

/**
 * @param {Element} old
 * @param {Element} twin
 */
function replace(old, twin) {
  const focused = focusedIn(old)?.id;
  old.replaceWith(twin);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/** Fetch the page again; return whether the server answered with it. */
export async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!response || !response.ok) return false;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  if (fresh.body.dataset.pageState !== document.body.dataset.pageState) {
    location.reload(); // another page altogether: other parts, other modules
    return true;
  }
  for (const old of document.querySelectorAll("[data-live]")) {
    const name = old.getAttribute("data-live") ?? "";
    const twin = fresh.querySelector(`[data-live="${CSS.escape(name)}"]`);
    if (!twin || inUse(old)) continue;
    keepOpen(old, twin);
    if (old.outerHTML !== twin.outerHTML) replace(old, twin);
  }
  document.dispatchEvent(new CustomEvent("refreshed"));
  return true;
}

function soon() {
  clearTimeout(timer);
  timer = window.setTimeout(refresh, PAUSE);
}

/** @param {boolean} isAway */
function showAway(isAway) {
  clearTimeout(awayTimer);
  awayTimer = 0;
  if (away) away.hidden = !isAway;
}

function listen() {
  const source = new EventSource(`/api/v1/live?topics=${encodeURIComponent(topics)}`);
  source.addEventListener("changed", soon);
  source.onopen = () => {
    showAway(false);
    soon(); // what happened since the page was written, or while nobody listened
  };
  source.onerror = () => {
    awayTimer ||= window.setTimeout(showAway, AWAY_AFTER, true);
    // Any answer but 200 ends a source for good (HTML, section 9.2.3), such as a proxy's 502.
    if (source.readyState === EventSource.CLOSED) window.setTimeout(listen, RETRY);
  };
}

if (topics) listen();
