// @ts-check
/** Saves an examiner's draft while it is typed; the server reads and adds. */

const PAUSE_MS = 600;
const RETRY_MS = 4000;

/** @typedef {{total: string, hint: string, ready: boolean, errors: Record<string, string>}} Tally */

export class MarkForm {
  #form;
  #timer = 0;
  #latest = 0;
  #dirty = false;
  #listening = new AbortController();

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
  }

  connect() {
    const { signal } = this.#listening;
    this.#form.addEventListener("input", () => this.#changed(), { signal });
    this.#form.addEventListener("change", () => this.#schedule(0), { signal });
    this.#form.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#form.addEventListener("submit", (event) => this.#submit(event), { signal });
    window.addEventListener("beforeunload", (event) => this.#warn(event), { signal });
  }

  disconnect() {
    clearTimeout(this.#timer);
    this.#listening.abort();
  }

  #changed() {
    this.#dirty = true;
    this.#schedule(PAUSE_MS);
  }

  /** @param {number} delay milliseconds */
  #schedule(delay) {
    if (!this.#dirty) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), delay);
  }

  async #save() {
    clearTimeout(this.#timer);
    this.#latest += 1;
    const turn = this.#latest;
    this.#say("wordSaving");
    const reply = await this.#send().catch(() => null);
    // Only the newest answer counts: an older one speaks of marks since changed.
    if (turn !== this.#latest) return;
    if (reply === null) {
      this.#say("wordFailed");
      this.#timer = setTimeout(() => this.#save(), RETRY_MS);
      return;
    }
    this.#dirty = false;
    this.#say("wordSaved");
    this.#show(reply);
  }

  /** @returns {Promise<Tally>} */
  async #send() {
    const response = await fetch(this.#form.action, {
      method: "POST",
      body: new URLSearchParams(/** @type {any} */ (new FormData(this.#form))),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  /** @param {Tally} tally */
  #show(tally) {
    this.#find("[data-mark-total]").textContent = tally.total;
    this.#find("[data-mark-hint]").textContent = tally.hint;
    this.#find("[data-action=review]").setAttribute("aria-disabled", String(!tally.ready));
    for (const field of this.#fields) {
      const error = tally.errors[field.name];
      const line = this.#find(`#${field.name}-error`);
      line.hidden = !error;
      this.#find(`#${field.name}-error span`).textContent = error ?? "";
      if (error) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const fields = this.#fields;
    const at = fields.indexOf(/** @type {HTMLInputElement} */ (event.target));
    if (event.key !== "Enter" || at < 0) return;
    event.preventDefault();
    const next = fields[at + 1] ?? this.#find("[data-action=review]");
    next.focus();
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    const button = this.#find("[data-action=review]");
    if (button.getAttribute("aria-disabled") === "true" && !this.#dirty) {
      event.preventDefault();
      const empty = this.#fields.find((field) => !field.value || field.ariaInvalid);
      empty?.focus();
      return;
    }
    // The submission carries every mark itself.
    clearTimeout(this.#timer);
    this.#latest += 1;
    this.#dirty = false;
  }

  /** @param {BeforeUnloadEvent} event */
  #warn(event) {
    if (this.#dirty) event.preventDefault();
  }

  /** @param {"wordSaving" | "wordSaved" | "wordFailed"} word */
  #say(word) {
    this.#find("[data-mark-state]").textContent = this.#form.dataset[word] ?? "";
  }

  /** @returns {HTMLInputElement[]} */
  get #fields() {
    return [...this.#form.querySelectorAll("input")].filter((field) =>
      field.name.startsWith("mark-"),
    );
  }

  /**
   * @param {string} selector
   * @returns {any}
   */
  #find(selector) {
    return this.#form.querySelector(selector);
  }
}
