// After the end: what the server holds, both limits, retry, rescue files, and the seal.

import { rescueFile } from "../models/rescue.js";
import { fill, find, saveFile, setBadge, setText } from "./dom.js";
import { grouped, megabytes } from "./exam_words.js";
import { ReceiptBoard } from "./receipt_board.js";
import { UploadExit } from "./upload_exit.js";
import { layOut } from "./upload_ledger.js";
import { UploadRanges } from "./upload_ranges.js";

const LOOK_MS = 3000;
const SPANS_SHOWN = 4;
const STREAMS = ["camera", "screen", "companion"];
const PHONE = "companion"; // it sends and seals by itself
const LOOKS = {
  open: ["info", "upload"],
  sealed: ["ok", "seal"],
  verified: ["ok", "seal"],
  needs_review: ["bad", "eye"],
};

export class StageUpload {
  #section;
  #desk;
  #receipts;
  #exit;
  /** @type {Map<string, UploadRanges>} */
  #bars = new Map();
  #timer = 0;
  #busy = false;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#section = section;
    this.#desk = desk;
    this.#receipts = new ReceiptBoard({ desk });
    this.#exit = new UploadExit({ section, desk });
    for (const stream of STREAMS) {
      const element = /** @type {SVGSVGElement} */ (
        /** @type {unknown} */ (find(this.#stream(stream), ".k-ranges"))
      );
      this.#bars.set(stream, new UploadRanges({ element }));
    }
    find(section, '[data-action="retry"]').addEventListener("click", () => void this.#retry());
    find(section, '[data-action="export"]').addEventListener("click", () => void this.#export());
  }

  open() {
    this.#desk.addEventListener("tick", this.#tick);
    void this.#receipts.draw();
    this.#exit.draw();
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    void this.#look();
  }

  close() {
    this.#desk.removeEventListener("tick", this.#tick);
    clearInterval(this.#timer);
  }

  update() {
    this.#exit.draw();
    void this.#look();
  }

  /** Draw what the server has; once nothing waits here, ask for the seal. */
  async #look() {
    if (this.#busy || !this.#desk.state) return;
    this.#busy = true;
    try {
      const totals = await this.#desk.store.totals();
      await Promise.all(STREAMS.map((stream) => this.#drawStream(stream, totals)));
      this.#drawTotals(totals);
      if (!totals.pending && !this.#desk.recordings.running) await this.#seal();
    } catch (problem) {
      if (/** @type {any} */ (problem).code !== "offline") this.#desk.tell(problem);
    } finally {
      this.#busy = false;
    }
  }

  async #drawStream(/** @type {string} */ stream, /** @type {any} */ totals) {
    const recording = this.#desk.recording(stream);
    const line = this.#stream(stream);
    line.hidden = !recording;
    if (!recording) return;
    const stated = await this.#desk.store.statement(recording.code);
    const ledger = await this.#ledger(recording.code);
    const layout = layOut(stated, ledger, this.#desk.state.session.slice_ms);
    const { total, have, gaps, received } = layout;
    this.#bars.get(stream)?.draw({ total, have, gaps });
    const { words } = this.#desk;
    fill(line, "count", words.say("upload.count", { have: grouped(received), total: grouped(total) }));
    if (stream === PHONE) find(this.#section, "[data-phone-note]").hidden = recording.state !== "open";
    const [tone, icon] = LOOKS[/** @type {keyof typeof LOOKS} */ (recording.state)] ?? LOOKS.open;
    line.dataset.state = recording.state;
    setBadge(find(line, ".k-badge"), tone, icon, words.say(`upload.state.${recording.state}`));
    const problems = totals.recordings[recording.code]?.problems ?? 0;
    const lines = [
      problems ? words.say("upload.problems", { problems }) : "",
      received < total ? words.say("upload.missing", { missing: grouped(total - received) }) : "",
      this.#spans("upload.missing_at", layout.missing),
      this.#spans("upload.unrecorded", (ledger?.gaps ?? []).map(bounds)),
    ];
    fill(line, "gaps", lines.filter(Boolean).join(" "));
  }

  /** Write gaps with their clock times; a list too long is cut, its number stands above. */
  #spans(/** @type {string} */ key, /** @type {number[][]} */ spans) {
    const { times, words } = this.#desk;
    const written = spans
      .slice(0, SPANS_SHOWN)
      .map(([from, to]) => `${times.clock(from)}–${times.clock(to)}`);
    return written.length ? words.say(key, { spans: written.join(", ") }) : "";
  }

  async #ledger(/** @type {string} */ code) {
    const token = this.#desk.state.edge_token;
    if (!token) return null;
    const headers = { Authorization: `Bearer ${token}`, "Kaowu-Client": "1" };
    const reply = await fetch(`/api/v1/recordings/${code}/ledger`, { headers, cache: "no-store" }).catch(() => null);
    return reply?.ok ? reply.json() : null;
  }

  #drawTotals(/** @type {any} */ { captured, acknowledged, pending, pendingBytes }) {
    const { words, root } = this.#desk;
    const facts = { have: grouped(acknowledged), total: grouped(captured), left: grouped(pending), size: megabytes(pendingBytes ?? 0) };
    fill(this.#section, "upload-total", words.say("upload.count", facts));
    const off = root.dataset.net === "off";
    const key = off ? "upload.offline" : pending ? "upload.sending" : "upload.received";
    fill(this.#section, "upload-happened", words.say(key, facts));
  }

  /** The server compares counts and heads; what it misses goes again. */
  async #seal() {
    const { state, client, store } = this.#desk;
    if (!state.may.seal?.open) return;
    const open = state.recordings.filter((/** @type {any} */ row) => row.state === "open" && row.stream !== PHONE);
    if (!open.length) return this.#receipts.draw();
    const recordings = [];
    for (const { code } of open) recordings.push({ code, segments: await store.statement(code) });
    const reply = await client.act("seal", { recordings });
    for (const { code, complete, missing, receipt } of reply.recordings) {
      if (receipt) await this.#receipts.keep(code, receipt);
      else if (!complete && (await store.requeue(code, missing))) this.#desk.uploader.kick();
    }
    this.#receipts.draw();
  }

  async #retry() {
    for (const { code } of this.#desk.state.recordings) await this.#desk.store.requeue(code, null);
    this.#desk.uploader.kick();
    await this.#desk.client.refresh().catch((/** @type {any} */ problem) => this.#desk.tell(problem));
    await this.#look();
  }

  async #export() {
    for (const { code, stream } of this.#desk.state.recordings) {
      if (stream === PHONE) continue;
      saveFile(await rescueFile(this.#desk.store, code), `${stream}-${code}.kwr`);
    }
    await this.#exit.saved();
  }

  #tick = () => {
    const { deadlines } = this.#desk.state;
    this.#limit("evidence", deadlines.ends, deadlines.evidence_confirm_by);
    this.#limit("failure", deadlines.ends, deadlines.failure_report_by);
  };

  #limit(/** @type {string} */ name, /** @type {number} */ from, /** @type {number} */ until) {
    const { times, words } = this.#desk;
    const now = this.#desk.now();
    const progress = /** @type {HTMLProgressElement} */ (find(this.#section, `[data-limit="${name}"] progress`));
    progress.max = until - from;
    progress.value = Math.max(0, Math.min(until - from, now - from));
    const left = now < until ? words.say("limit.left", { left: times.span(until - now) }) : words.say("limit.over");
    fill(this.#section, `${name}-left`, left);
    const minutes = Math.round((until - from) / 60_000);
    fill(this.#section, `${name}-until`, words.say("limit.until", { at: times.clock(until), minutes }));
  }

  #stream(/** @type {string} */ stream) {
    return find(this.#section, `[data-stream="${stream}"]`);
  }
}

function bounds(/** @type {{from_ms: number, to_ms: number}} */ gap) {
  return [gap.from_ms, gap.to_ms];
}

export class StageDone {
  #receipts;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#receipts = new ReceiptBoard({ desk });
    const save = find(section, '[data-action="save-receipts"]');
    save.addEventListener("click", () => void this.#receipts.save());
  }

  open() {
    void this.#receipts.draw();
  }

  close() {}

  update() {
    void this.#receipts.draw();
  }
}
