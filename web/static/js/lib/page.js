// @ts-check
/** What every page's module needs: the CSRF token, requests to our API, the server's time. */

export const csrfToken = () =>
  document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";

/**
 * The data that the server wrote into the page as JSON (a data block, no script).
 * @param {string} id
 * @returns {any}
 */
export function pageData(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

export class ApiError extends Error {
  /**
   * @param {number} status 0 when nobody answered
   * @param {string} detail in the reader's language, empty when nobody answered
   */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/**
 * Call our own API.
 * @param {string} method
 * @param {string} path
 * @param {any} [body]
 * @returns {Promise<any>} the decoded answer, null for 204
 * @throws {ApiError}
 */
export async function api(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrfToken() },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, "");
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new ApiError(response.status, answer?.detail ?? "");
  }
  return answer;
}

/**
 * Relay addresses may be paths on this site; a WebSocket of Chromium 109 wants a whole address.
 * @param {string} url
 */
export const absolute = (url) => new URL(url, location.href).href.replace(/\/$/, "");

const offset = Number(document.body?.dataset.serverTime ?? 0)
  ? Number(document.body.dataset.serverTime) - Date.now() / 1000
  : 0;

/** The server's time in Unix seconds, as well as this page can know it. */
export const serverNow = () => Date.now() / 1000 + offset;
