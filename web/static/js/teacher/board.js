// @ts-check
/**
 * The booking grid: one lesson lights up in all its rows, and arrow keys move between cells.
 * One tab stop for the whole grid; without this module every cell is a tab stop of its own.
 */

/** @type {HTMLElement[]} */
let lit = [];

/** @param {EventTarget | null} target */
function lightUp(target) {
  const slot = target instanceof Element ? target.closest("[data-lesson]") : null;
  const lesson = slot?.getAttribute("data-lesson") ?? "";
  if (lit[0]?.dataset.lesson === lesson) return;
  for (const element of lit) element.classList.remove("lit");
  lit = lesson
    ? [.../** @type {NodeListOf<HTMLElement>} */ (
        document.querySelectorAll(`[data-lesson="${CSS.escape(lesson)}"]`)
      )]
    : [];
  for (const element of lit) element.classList.add("lit");
}

document.addEventListener("pointerover", (event) => lightUp(event.target));
document.addEventListener("focusin", (event) => lightUp(event.target));

/** Leave one cell in the tab order. */
function rove() {
  const slots = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".board .slot"));
  slots.forEach((slot, place) => {
    slot.tabIndex = place === 0 ? 0 : -1;
  });
}

/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  const here = document.activeElement?.closest(".board td");
  if (!step || !(here instanceof HTMLTableCellElement)) return;
  event.preventDefault();
  const next = neighbour(here, step);
  if (next) {
    const old = /** @type {HTMLElement} */ (document.activeElement);
    old.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
});

/**
 * The next cell in this direction that holds something to open; null at the edge.
 * @param {HTMLTableCellElement} cell
 * @param {[number, number]} step
 * @returns {HTMLElement | null}
 */
function neighbour(cell, [down, right]) {
  let row = /** @type {HTMLTableRowElement | null} */ (cell.parentElement);
  let column = cell.cellIndex;
  for (;;) {
    column += right;
    if (down !== 0) {
      row = /** @type {HTMLTableRowElement | null} */ (
        down > 0 ? row?.nextElementSibling ?? null : row?.previousElementSibling ?? null
      );
    }
    const target = row?.cells[column];
    if (!target || column < 1) return null;
    const slot = target.querySelector(".slot");
    if (slot instanceof HTMLElement) return slot;
  }
}

/** On a narrow screen begin at the first time that can still be booked. */
function showFirstFree() {
  const free = document.querySelector(".board .slot.free")?.closest("td");
  const name = document.querySelector('.board th[scope="row"]');
  const scrolled = document.querySelector(".board-scroll");
  if (free instanceof HTMLElement && name instanceof HTMLElement && scrolled) {
    scrolled.scrollLeft = free.offsetLeft - name.offsetWidth;
  }
}

rove();
showFirstFree();
document.addEventListener("refreshed", rove);
