// The windows of the sitting, drawn to scale; everything is said in words beside it too.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 720;
const TOP = 24;
const BAND = 22;
const LABEL_Y = 39;
const TIME_Y = 64;

export class WindowsLine {
  #element;
  #desk;

  /** @param {{element: HTMLElement, desk: any}} options */
  constructor({ element, desk }) {
    this.#element = element;
    this.#desk = desk;
  }

  /**
   * @param {Record<string, number>} deadlines
   * @param {number} now
   */
  draw(deadlines, now) {
    const { login_opens: login, entry_opens: entry, starts, ends } = deadlines;
    const scale = (/** @type {number} */ at) => Math.round((WIDTH * (at - login)) / (ends - login));
    const svg = make("svg", { class: "k-windows", viewBox: `0 0 ${WIDTH} 72` });
    this.#band(svg, "open", scale(login), scale(entry), "windows.login");
    this.#band(svg, "band", scale(entry), scale(starts), "windows.entry");
    this.#band(svg, "exam", scale(starts), scale(ends), "windows.exam");
    const anchors = { [login]: "start", [entry]: "middle", [starts]: "middle", [ends]: "end" };
    for (const [at, anchor] of Object.entries(anchors)) {
      const time = this.#desk.times.clock(Number(at)).slice(0, 5);
      svg.append(make("text", { x: scale(Number(at)), y: TIME_Y, "text-anchor": anchor }, time));
    }
    if (now >= login && now < ends) {
      svg.append(make("line", { class: "now", x1: scale(now), x2: scale(now), y1: 16, y2: 52 }));
    }
    this.#element.replaceChildren(svg);
  }

  #band(
    /** @type {Element} */ svg,
    /** @type {string} */ kind,
    /** @type {number} */ from,
    /** @type {number} */ to,
    /** @type {string} */ word,
  ) {
    if (to <= from) return;
    svg.append(make("rect", { class: kind, x: from, y: TOP, width: to - from, height: BAND }));
    const text = this.#desk.words.say(word);
    if (to - from < text.length * 10) return;
    const attributes = { x: from + 8, y: LABEL_Y, class: kind === "exam" ? "on-exam" : "" };
    svg.append(make("text", attributes, text));
  }
}

function make(/** @type {string} */ name, /** @type {Record<string, any>} */ attributes, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.textContent = text;
  return element;
}
