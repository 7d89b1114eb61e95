// The questions, opened by themselves at the start second; one at a time.

import { PaperBox } from "../models/paper_box.js";
import { questionAt } from "../models/question_clock.js";
import { fill, find, setText } from "./dom.js";

const SHOWN_KEY = "kaowu-question";

export class QuestionSheet {
  #pane;
  #desk;
  /** @type {PaperBox | null} */
  #box = null;
  #count = 0;
  #shown = 0;

  /** @param {{pane: HTMLElement, desk: any}} options */
  constructor({ pane, desk }) {
    this.#pane = pane;
    this.#desk = desk;
    this.#on("refresh-questions", () => this.#refresh());
    this.#on("previous-question", () => this.#step(this.#shown - 1));
    this.#on("next-question", () => this.#step(this.#shown + 1));
    desk.addEventListener("tick", () => this.#follow());
  }

  get hasBundle() {
    return this.#box?.hasBundle ?? false;
  }

  /** Fetch the sealed paper now; its key when the start has come. */
  connect() {
    if (this.#box) return;
    const { code } = this.#desk.root.dataset;
    const { client, clock, store } = this.#desk;
    this.#box = new PaperBox({
      bundleUrl: `/api/v1/attempts/${code}/paper`,
      keyUrl: `/api/v1/attempts/${code}/paper-key`,
      token: () => client.state?.edge_token ?? null,
      clock,
      opensMs: client.state.deadlines.starts,
      store,
      name: `paper-${code}`,
    });
    this.#box.addEventListener("bundle", () => this.#tell());
    this.#box.addEventListener("opened", () => this.#draw());
    this.#box.connect();
    this.#tell();
  }

  disconnect() {
    this.#box?.disconnect();
    this.#box = null;
  }

  /** Close the questions for good. */
  clear() {
    this.disconnect();
    void this.#desk.store.putMeta(`paper-${this.#desk.root.dataset.code}`, null);
    find(this.#pane, "[data-questions]").replaceChildren();
    this.#count = 0;
    this.#list().hidden = true;
  }

  /** Say whether the sealed paper has arrived. */
  #tell() {
    find(this.#pane, '[data-paper-state="waiting"]').hidden = this.hasBundle;
    find(this.#pane, '[data-paper-state="here"]').hidden = !this.hasBundle;
    find(this.#pane, "[data-paper-wait]").hidden = this.#count > 0;
  }

  #draw() {
    const questions = this.#box?.questions;
    if (!questions) return;
    const template = /** @type {HTMLTemplateElement} */ (
      find(this.#pane, '[data-template="question"]')
    );
    const articles = questions.map((/** @type {any} */ question) => {
      const article = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
      const { words } = this.#desk;
      find(article, "[data-question]").dataset.question = String(question.number);
      fill(article, "question-number", words.say("question.number", { number: question.number }));
      fill(article, "question-count", words.say("question.count", { count: questions.length }));
      const minutes = Math.round(question.seconds / 6) / 10;
      fill(article, "question-seconds", minutes ? words.say("question.minutes", { minutes }) : "");
      const paragraphs = question.text.split(/\n+/).map(paragraph);
      find(article, '[data-slot="question-text"]').replaceChildren(...paragraphs);
      return article;
    });
    this.#count = questions.length;
    find(this.#pane, "[data-questions]").replaceChildren(...articles);
    find(this.#pane, "[data-question-steps]").replaceChildren(...questions.map(this.#stepLink));
    this.#list().hidden = this.#count < 2;
    this.#show(Number(sessionStorage.getItem(SHOWN_KEY) ?? 0));
    this.#follow();
    this.#tell();
  }

  /** Where each question has its own time, the clock turns the page and nobody else. */
  #follow() {
    if (!this.#timed || !this.#count) return;
    const { answer_from: from } = this.#desk.client.state.deadlines;
    const place = questionAt(this.#box?.questions ?? [], (this.#desk.now() - from) / 1000);
    if (place !== this.#shown) this.#show(place);
  }

  get #timed() {
    return Boolean(this.#desk.client.state?.session.per_question_timers);
  }

  #step(/** @type {number} */ index) {
    if (!this.#timed) this.#show(index);
  }

  #stepLink = (/** @type {any} */ question, /** @type {number} */ index) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "k-steplink";
    button.textContent = this.#desk.words.say("question.number", { number: question.number });
    button.addEventListener("click", () => this.#step(index));
    item.append(button);
    return item;
  };

  #show(/** @type {number} */ index) {
    this.#shown = Math.max(0, Math.min(this.#count - 1, index));
    sessionStorage.setItem(SHOWN_KEY, String(this.#shown));
    [...this.#pane.querySelectorAll("[data-question]")].forEach((article, place) => {
      /** @type {HTMLElement} */ (article).hidden = place !== this.#shown;
    });
    [...find(this.#pane, "[data-question-steps]").children].forEach((item, place) => {
      if (place === this.#shown) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
    this.#button("previous-question").toggleAttribute("disabled", this.#timed || this.#shown === 0);
    const last = this.#shown === this.#count - 1;
    this.#button("next-question").toggleAttribute("disabled", this.#timed || last);
    find(this.#pane, ".k-room__question").scrollTo(0, 0);
  }

  /** R65: ask for paper and key again; what stands on the page stays until both are here. */
  async #refresh() {
    const button = this.#button("refresh-questions");
    button.toggleAttribute("disabled", true);
    const now = this.#desk.now();
    try {
      if (now < this.#desk.state.deadlines.starts) await this.#desk.client.refresh();
      else await this.#box?.refresh();
      this.#desk.announce(this.#desk.words.say("question.refreshed"));
    } catch (problem) {
      this.#desk.tell(problem);
    }
    button.toggleAttribute("disabled", false);
    this.#draw();
  }

  #list() {
    return find(this.#pane, "[data-question-list]");
  }

  #button(/** @type {string} */ action) {
    return find(this.#pane, `[data-action="${action}"]`);
  }

  #on(/** @type {string} */ action, /** @type {() => unknown} */ handler) {
    this.#button(action).addEventListener("click", () => void handler());
  }
}

function paragraph(/** @type {string} */ text) {
  const element = document.createElement("p");
  setText(element, text);
  return element;
}
