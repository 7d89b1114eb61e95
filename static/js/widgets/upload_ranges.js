// @ts-check
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 10;

const sizeOf = (ranges) => ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);

/** Which chunks the server has, as bars; geometry in attributes, words from data-*. */
export class UploadRanges {
  #svg;

  /** @param {{element: SVGSVGElement}} options data-label-complete, data-label-partial */
  constructor({ element }) {
    this.#svg = element;
  }

  /**
   * Ranges are inclusive chunk numbers from 0.
   * @param {{total: number, have?: number[][], sending?: number[][], gaps?: number[][],
   *   lost?: number[][]}} picture
   */
  draw({ total, have = [], sending = [], gaps = [], lost = [] }) {
    this.#svg.setAttribute("viewBox", `0 0 ${Math.max(total, 1)} ${HEIGHT}`);
    this.#svg.setAttribute("preserveAspectRatio", "none");
    const kinds = Object.entries({ have, sending, gap: gaps, lost });
    const bars = kinds.flatMap(([kind, ranges]) => ranges.map((range) => bar(kind, range)));
    this.#svg.replaceChildren(...bars);
    this.#label(total, sizeOf(have));
  }

  #label(total, received) {
    const { labelComplete = "", labelPartial = "" } = this.#svg.dataset;
    const words = received >= total ? labelComplete : labelPartial;
    const label = words.replace("{have}", String(received)).replace("{total}", String(total));
    this.#svg.setAttribute("aria-label", label);
  }
}

function bar(kind, [first, last]) {
  const rectangle = document.createElementNS(SVG, "rect");
  rectangle.setAttribute("class", kind);
  rectangle.setAttribute("x", String(first));
  rectangle.setAttribute("width", String(last - first + 1));
  rectangle.setAttribute("height", String(HEIGHT));
  return rectangle;
}
