// @ts-check
/** The page 系统 follows the relay's figures while somebody looks at it. */

import { refresh } from "../lib/live.js";

const EVERY = 3000; // ms

setInterval(() => {
  if (!document.hidden) refresh();
}, EVERY);
