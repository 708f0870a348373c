// @ts-check
/**
 * What a terminal keeps over a power cut: its token, the day with its tickets, the clock's error.
 *
 * A browser may refuse storage (private window, full disk); then the terminal works until it is
 * reloaded, and `durable` says so, so that the page can report it.
 *
 * Chromium puts what was written on the disk after 5 seconds, but about once a minute at most. So
 * only what is news is written, and a change of the timetable gets there soon.
 */

const PREFIX = "tongke.terminal.";

export class Store {
  /** @param {Storage | null} storage */
  constructor(storage) {
    this.storage = storage;
    /** @type {Map<string, string>} */
    this.memory = new Map();
    this.durable = storage !== null && (this.#read("probe") !== null || this.#try("probe"));
  }

  /**
   * @param {string} name
   * @returns {any} the value, or null when there is none
   */
  get(name) {
    const text = this.memory.get(name) ?? this.#read(name);
    if (text === null || text === undefined) {
      return null;
    }
    try {
      return JSON.parse(text);
    } catch (error) {
      this.remove(name); // written by another version, or damaged: as good as absent
      return null;
    }
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  set(name, value) {
    const text = JSON.stringify(value);
    this.memory.set(name, text);
    if (this.durable && this.#read(name) === text) {
      return;
    }
    this.durable = this.#write(name, text);
  }

  /** @param {string} name */
  remove(name) {
    this.memory.delete(name);
    if (this.storage !== null) {
      this.storage.removeItem(PREFIX + name);
    }
  }

  /**
   * @param {string} name
   * @returns {string | null}
   */
  #read(name) {
    return this.storage === null ? null : this.storage.getItem(PREFIX + name);
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #write(name, text) {
    if (this.storage === null) {
      return false;
    }
    try {
      this.storage.setItem(PREFIX + name, text);
      return true;
    } catch (error) {
      return false; // refused or full: `durable` says so
    }
  }

  /** @param {string} name */
  #try(name) {
    return this.#write(name, "1");
  }
}

/** @returns {Storage | null} the browser's storage, or null where it is refused */
export function browserStorage() {
  try {
    return window.localStorage;
  } catch (error) {
    return null; // a policy forbids it: reading the property throws
  }
}
