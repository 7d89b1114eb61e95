// The page's sentences, read from its <template data-words> elements.

export class Words {
  /** @type {Map<string, string>} */
  #texts = new Map();

  /** @param {ParentNode} root */
  constructor(root) {
    for (const template of root.querySelectorAll("template[data-words]")) {
      const { content } = /** @type {HTMLTemplateElement} */ (template);
      for (const item of content.querySelectorAll("[data-word]")) {
        this.#texts.set(item.getAttribute("data-word") ?? "", item.textContent?.trim() ?? "");
      }
    }
  }

  /** @param {string} key */
  has(key) {
    return this.#texts.has(key);
  }

  /**
   * Return the sentence of a key, its {placeholders} filled.
   * @param {string} key
   * @param {Record<string, string | number>} facts
   */
  say(key, facts = {}) {
    const text = this.#texts.get(key) ?? "";
    return text.replaceAll(/\{(\w+)\}/g, (whole, name) => String(facts[name] ?? whole));
  }
}
