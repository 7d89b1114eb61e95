// The order of the stages: two buttons for the keyboard, dragging for the mouse.
// The ticks are sent in the order of the page, so that moving a line is all there is.

export class StageOrder {
  #list;
  /** @type {Element | null} */
  #dragged = null;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  connect() {
    this.#list.dataset.ready = "";
    this.#list.addEventListener("click", this.#press);
    this.#list.addEventListener("dragstart", this.#lift);
    this.#list.addEventListener("dragover", this.#over);
    this.#list.addEventListener("dragend", this.#drop);
  }

  #press = (/** @type {Event} */ event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("[data-move]");
    const line = button?.closest("li");
    if (!line) return;
    const up = button?.getAttribute("data-move") === "up";
    const other = up ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (up) other.before(line);
    else other.after(line);
    // Moving a line takes the focus off it.
    /** @type {HTMLElement} */ (button).focus();
    this.#tell();
  };

  #lift = (/** @type {DragEvent} */ event) => {
    this.#dragged = /** @type {HTMLElement} */ (event.target).closest("li");
    this.#dragged?.setAttribute("data-dragged", "");
    event.dataTransfer?.setData("text/plain", "");
  };

  #over = (/** @type {DragEvent} */ event) => {
    if (!this.#dragged) return;
    event.preventDefault();
    const line = /** @type {HTMLElement} */ (event.target).closest("li");
    if (!line || line === this.#dragged) return;
    const { top, height } = line.getBoundingClientRect();
    if (event.clientY < top + height / 2) line.before(this.#dragged);
    else line.after(this.#dragged);
  };

  #drop = () => {
    this.#dragged?.removeAttribute("data-dragged");
    this.#dragged = null;
    this.#tell();
  };

  #tell() {
    this.#list.dispatchEvent(new CustomEvent("stagesmoved", { bubbles: true }));
  }
}
