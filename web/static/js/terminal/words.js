// @ts-check
/**
 * The page's sentences and how it writes times. The texts come from the server, in its language.
 */

/**
 * Pure: fill the places of a text, e.g. fill("还有 %(minutes)s 分钟", {minutes: 5}).
 * @param {string} text
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => String(values[name] ?? whole));
}

export class Words {
  /**
   * @param {Record<string, any>} texts
   * @param {string} language e.g. "zh-CN"
   */
  constructor(texts, language) {
    this.texts = texts;
    this.language = language;
    this.zone = "Asia/Shanghai";
  }

  /**
   * @param {string} name
   * @param {Record<string, string | number>} values
   * @returns {string}
   */
  say(name, values = {}) {
    const text = this.texts[name];
    if (typeof text !== "string") {
      throw new Error(`no text ${name}`);
    }
    return fill(text, values);
  }

  /**
   * @param {number} at Unix seconds
   * @returns {string} "09:50" in the county's zone
   */
  time(at) {
    return this.#format(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  }

  /**
   * @param {number} at Unix seconds
   * @returns {string} "9月16日 周三"
   */
  day(at) {
    const day = this.#format(at, { month: "long", day: "numeric" });
    return `${day} ${this.#format(at, { weekday: "short" })}`;
  }

  /**
   * @param {import("./schedule.js").Lesson} lesson
   * @returns {string}
   */
  lesson(lesson) {
    return lesson.title || lesson.subject;
  }

  /**
   * @param {number} at
   * @param {Intl.DateTimeFormatOptions} options
   */
  #format(at, options) {
    const format = new Intl.DateTimeFormat(this.language, { timeZone: this.zone, ...options });
    return format.format(new Date(at * 1000));
  }
}
