// @ts-check
/**
 * Keeps a server-rendered page fresh: the server says by server-sent events that something
 * changed, the page is fetched again, and every element with a data-live name is replaced by its
 * new self. Nothing is replaced under somebody's hands (focus inside, or an open confirmation).
 */

const topics = document.body.dataset.topics ?? "";
const PAUSE = 400; // ms: several changes of one transaction cost one fetch
let timer = 0;

/** @param {Element} element */
const inUse = (element) =>
  element.contains(document.activeElement) || element.querySelector("details[open]") !== null;

export async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!response || !response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  if (fresh.body.dataset.pageState !== document.body.dataset.pageState) {
    location.reload(); // another page altogether: other parts, other modules
    return;
  }
  for (const old of document.querySelectorAll("[data-live]")) {
    const name = old.getAttribute("data-live") ?? "";
    const twin = fresh.querySelector(`[data-live="${CSS.escape(name)}"]`);
    if (twin && !inUse(old) && old.outerHTML !== twin.outerHTML) old.replaceWith(twin);
  }
  document.dispatchEvent(new CustomEvent("refreshed"));
}

function soon() {
  clearTimeout(timer);
  timer = window.setTimeout(refresh, PAUSE);
}

if (topics) {
  const source = new EventSource(`/api/v1/live?topics=${encodeURIComponent(topics)}`);
  source.addEventListener("changed", soon);
  source.onopen = soon; // what happened since the page was written, or while nobody listened
}
