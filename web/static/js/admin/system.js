// @ts-check
/** The page 系统 follows the relay's figures while somebody looks at it, and says when it cannot. */

import { refresh } from "../lib/live.js";

const EVERY = 3000; // ms
const stale = document.getElementById("stale");

setInterval(async () => {
  if (document.hidden) return;
  const fresh = await refresh();
  if (stale) stale.hidden = fresh;
}, EVERY);
