// @ts-check
import { fire } from "../helpers/events.js";
import { Offline } from "./api_problem.js";
import { HelpLine } from "./help_line.js";
import { Outbox } from "./outbox.js";

const POLL_MS = 15_000;
const PAGE = 500;

/**
 * One conversation: what the server holds in the order of seq, then what is not sent
 * yet. A message is kept before it is sent and sent until it is seen in the thread;
 * its own id makes a repeat harmless. Fires `changed`, and `news` for another's message.
 */
export class Conversation extends EventTarget {
  #url;
  #diagnostics;
  #outbox;
  #line = new HelpLine();
  /** @type {Map<number, any>} */
  #messages = new Map();
  /** @type {any} */
  #request = null;
  #sending = false;
  /** @type {Promise<void> | null} */
  #fetching = null;
  #again = false;
  #told = 0;
  #timer;
  side;
  signedIn = true;
  loaded = false;
  problem = "";

  /** @param {{url: string, side: string, diagnostics?: () => object, outbox?: Outbox}} options */
  constructor({ url, side, diagnostics = () => ({}), outbox = new Outbox(url) }) {
    super();
    this.#url = url;
    this.#diagnostics = diagnostics;
    this.#outbox = outbox;
    this.side = side;
  }

  get offline() {
    return this.#line.offline;
  }

  get request() {
    return this.#request;
  }

  /** Rows to show: `{client_id, author, by, text, at_ms, state, failed}`. */
  get rows() {
    const seen = this.#request?.read[this.other] ?? 0;
    const sent = [...this.#messages.values()].map((row) => ({
      ...row,
      state: row.author !== this.side ? "" : row.seq <= seen ? "read" : "sent",
      failed: "",
    }));
    const held = new Set(sent.map((row) => row.client_id));
    const unsent = this.#waiting().filter((item) => !held.has(item.client_id));
    return [
      ...sent,
      ...unsent.map(({ client_id, text, at, failed }) => ({
        client_id,
        text,
        failed,
        author: this.side,
        by: "",
        at_ms: at,
        state: failed ? "failed" : this.offline ? "waiting" : "sending",
      })),
    ];
  }

  get other() {
    return this.side === "staff" ? "candidate" : "staff";
  }

  get unread() {
    const seen = Math.max(this.#request?.read[this.side] ?? 0, this.#told);
    return [...this.#messages.values()].filter(
      (row) => row.author === this.other && row.seq > seen,
    ).length;
  }

  connect() {
    if (this.#line.connected) return;
    this.#line.addEventListener("ring", () => void this.#fetchNew());
    this.#line.addEventListener("lost", () => this.#restart());
    for (const name of ["offline", "online"]) {
      this.#line.addEventListener(name, () => fire(this, "changed"));
    }
    this.#line.connect();
    void this.#load();
  }

  disconnect() {
    clearTimeout(this.#timer);
    this.#line.disconnect();
  }

  /** Look now: somebody else has heard that there is something to read. */
  refresh() {
    if (this.#request) void this.#fetchNew();
    else if (this.loaded) void this.#load();
  }

  /** @param {string} text @param {object} first what opens the request: topic, ticket number */
  send(text, first = {}) {
    const code = this.#request?.code ?? "";
    const client_id = crypto.randomUUID();
    this.#outbox.add({ client_id, text, first, code, at: Date.now(), failed: "" });
    fire(this, "changed");
    void this.#flush();
  }

  /** @param {string} id of a message that was refused */
  retry(id) {
    this.#outbox.change(id, { failed: "" });
    fire(this, "changed");
    void this.#flush();
  }

  /** Everything on the screen was seen. */
  markRead() {
    const upto = this.#last();
    if (!this.#request || !this.unread) return;
    this.#told = upto;
    fire(this, "changed");
    if (this.#line.tell({ kind: "read", upto })) return;
    this.#line.ask(this.#request.links.read, { upto }).catch(() => {
      this.#told = 0;
    });
  }

  #last() {
    return Math.max(0, ...this.#messages.keys());
  }

  #waiting() {
    return this.#outbox.waiting(this.#request?.code ?? "");
  }

  async #load() {
    clearTimeout(this.#timer);
    try {
      const reply = await this.#line.persist(() => this.#line.ask(this.#url));
      if (!reply || !this.#line.connected) return;
      this.signedIn = reply.signed_in ?? true;
      this.loaded = true;
      this.problem = "";
      this.#merge(reply);
    } catch (problem) {
      this.problem = /** @type {any} */ (problem).title || "refused";
      fire(this, "changed");
      return;
    }
    if (!this.#request && this.side === "staff") {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#load(), POLL_MS);
    }
    void this.#flush();
  }

  /** The right was lost: what may be seen now is asked anew. */
  #restart() {
    this.#request = null;
    this.#messages.clear();
    void this.#load();
  }

  #merge(/** @type {any} */ { request }) {
    if (!request) return fire(this, "changed");
    const known = this.#last();
    for (const row of request.messages) this.#messages.set(row.seq, row);
    this.#outbox.remove(request.messages.map((/** @type {any} */ row) => row.client_id));
    this.#outbox.remember(request.code);
    const full = request.messages.length === PAGE;
    this.#request = { ...request, messages: null };
    this.#line.listen({ url: request.links.socket, cursor: request.cursor });
    fire(this, "changed");
    if (known && request.messages.some((/** @type {any} */ row) => row.author === this.other)) {
      fire(this, "news");
    }
    if (full) void this.#fetchNew();
  }

  /** What came after the last message; calls at the same time share one request. */
  #fetchNew() {
    this.#again = true;
    this.#fetching ??= this.#fetchAll().finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  async #fetchAll() {
    while (this.#again && this.#request && this.#line.connected) {
      this.#again = false;
      const after = `${this.#request.links.messages}?after=${this.#last()}`;
      const reply = await this.#line.persist(() => this.#line.ask(after)).catch(() => null);
      if (reply) this.#merge(reply);
    }
  }

  async #flush() {
    if (this.#sending || !this.loaded) return;
    this.#sending = true;
    try {
      for (let item; this.#line.connected && (item = this.#waiting().find((one) => !one.failed)); ) {
        await this.#deliver(item);
      }
    } finally {
      this.#sending = false;
    }
  }

  async #deliver(/** @type {import("./outbox.js").Unsent} */ item) {
    try {
      if ((await this.#line.persist(() => this.#post(item))) === null) return;
      this.#outbox.remove([item.client_id]);
    } catch (error) {
      const problem = /** @type {any} */ (error);
      this.#outbox.change(item.client_id, { failed: problem.title || problem.code });
    }
    fire(this, "changed");
  }

  async #post(/** @type {import("./outbox.js").Unsent} */ { client_id, text, first }) {
    if (!this.#request) {
      const body = { topic: "other", ...first, diagnostics: this.#diagnostics(), client_id, text };
      this.#merge(await this.#line.ask(this.#url, body));
      return true;
    }
    if (!(await this.#line.say({ kind: "post", client_id, text }))) {
      await this.#line.ask(this.#request.links.messages, { client_id, text });
    }
    // Seen in the thread, and only then forgotten here.
    await this.#fetchNew();
    if ([...this.#messages.values()].some((row) => row.client_id === client_id)) return true;
    throw new Offline("not seen");
  }
}
