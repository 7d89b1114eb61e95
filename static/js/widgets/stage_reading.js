// A reading stage: the documents of the stage, each confirmed by hand.

import { fill, find, isOpen, setOpen } from "./dom.js";

export class StageReading {
  #section;
  #desk;
  #stage;
  #loaded = false;

  /** @param {{section: HTMLElement, desk: any, stage: string}} options */
  constructor({ section, desk, stage }) {
    this.#section = section;
    this.#desk = desk;
    this.#stage = stage;
    const next = find(section, '[data-action="next"]');
    next.addEventListener("click", () => void this.#next(next));
    section.addEventListener("change", () => this.#judge());
  }

  open() {
    void this.#load();
  }

  close() {}

  update() {
    if (!this.#loaded) void this.#load();
  }

  async #load() {
    if (this.#loaded) return;
    this.#loaded = true;
    try {
      const documents = await this.#desk.client.get(`documents?stage=${this.#stage}`);
      find(this.#section, "[data-documents]").replaceChildren(...documents.map(this.#article));
    } catch (problem) {
      this.#loaded = false;
      this.#desk.tell(problem);
    }
    this.#judge();
  }

  #article = (/** @type {any} */ text) => {
    const template = /** @type {HTMLTemplateElement} */ (
      find(this.#desk.root, '[data-template="document"]')
    );
    const article = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    fill(article, "title", text.title);
    fill(article, "version", this.#desk.words.say("document.version", { version: text.version }));
    find(article, "[data-slot=body]").replaceChildren(...paragraphs(text.body));
    if (text.file) find(article, "[data-slot=body]").append(fileOf(text));
    const box = /** @type {HTMLInputElement} */ (find(article, '[data-action="read"]'));
    box.value = String(text.id);
    box.checked = text.read_ms !== null && text.read_ms !== undefined;
    box.toggleAttribute("data-optional", text.must_read === false);
    return article;
  };

  #boxes() {
    return /** @type {HTMLInputElement[]} */ ([
      ...this.#section.querySelectorAll('[data-action="read"]'),
    ]);
  }

  #judge() {
    const left = this.#boxes().filter((box) => !box.checked && !("optional" in box.dataset)).length;
    const why = this.#loaded ? this.#desk.words.say("why.read", { count: left }) : this.#desk.words.say("why.loading");
    setOpen(find(this.#section, '[data-action="next"]'), left || !this.#loaded ? why : null);
  }

  async #next(/** @type {HTMLElement} */ button) {
    if (!isOpen(button)) return;
    const { views } = this.#desk;
    if (views.natural !== this.#stage) return views.open(views.natural);
    const read = this.#boxes().filter((box) => box.checked);
    const documents = read.map((box) => Number(box.value));
    await this.#desk.act(`stages/${this.#stage}`, { documents });
  }
}

/** A picture is looked at here; anything else is a download. */
function fileOf(/** @type {any} */ { file, title }) {
  if (file.is_picture) {
    const picture = document.createElement("img");
    picture.className = "k-shot";
    picture.src = file.url;
    picture.alt = title;
    return picture;
  }
  const line = document.createElement("p");
  const link = document.createElement("a");
  link.className = "k-btn";
  link.href = file.url;
  link.download = file.name;
  link.textContent = file.name;
  line.append(link);
  return line;
}

/** Split a plain text at its empty lines. */
function paragraphs(/** @type {string} */ body) {
  return body.split(/\n\s*\n/).map((text) => {
    const paragraph = document.createElement("p");
    text.split("\n").forEach((line, index) => {
      if (index) paragraph.append(document.createElement("br"));
      paragraph.append(line);
    });
    return paragraph;
  });
}
