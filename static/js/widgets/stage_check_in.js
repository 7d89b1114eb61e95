// Identity check: a comparison by program, or three photos and a person who looks.

import { DevicePanel } from "./device_panel.js";
import { fill, find, isOpen, setOpen, setText } from "./dom.js";
import { FaceCheck } from "./face_check.js";
import { IdentityCode } from "./identity_code.js";

const PHOTOS = 3;

export class StageCheckIn {
  #section;
  #desk;
  #panel;
  /** @type {{blob: Blob, url: string}[]} */
  #photos = [];
  #again = false;
  #sending = false;
  #human = false;
  #face;
  #code;

  /** @param {{section: HTMLElement, desk: any}} options */
  constructor({ section, desk }) {
    this.#section = section;
    this.#desk = desk;
    this.#panel = new DevicePanel({ root: section, media: desk.media });
    this.#face = new FaceCheck({ section, desk, panel: this.#panel });
    this.#code = new IdentityCode({ section, desk });
    this.#face.addEventListener("changed", () => this.update());
    this.#button("choose-human").addEventListener("click", () => this.#choose(true));
    this.#button("choose-face").addEventListener("click", () => this.#choose(false));
    this.#button("take-photo").addEventListener("click", () => void this.#take());
    this.#button("send-photos").addEventListener("click", () => void this.#send());
    this.#button("again").addEventListener("click", () => this.#startAgain());
    this.#button("consent").addEventListener("change", () => this.#draw());
  }

  open() {
    this.#panel.connect();
    this.#desk.media.addEventListener("camera", this.#cameraChanged);
    this.#desk.media.openCamera().catch(() => undefined);
    this.update();
  }

  close() {
    this.#face.stop();
    this.#panel.disconnect();
    this.#desk.media.removeEventListener("camera", this.#cameraChanged);
    this.#forget();
  }

  update() {
    const { check_in: checkIn, lease } = this.#desk.state ?? {};
    if (!checkIn) return;
    const takeover = lease.state === "waiting";
    const waiting = !takeover && checkIn.state === "waiting";
    const declined = !takeover && checkIn.state === "declined" && !this.#again;
    this.#part("takeover").hidden = !takeover;
    this.#part("waiting").hidden = !waiting;
    this.#part("declined").hidden = !declined;
    this.#part("take").hidden = takeover || waiting || declined;
    this.#showRoute(takeover || waiting || declined);
    fill(this.#section, "declined", this.#desk.words.say("check_in.declined", { reason: checkIn.reason }));
    this.#draw();
  }

  #cameraChanged = () => this.#draw();

  /** Which of the two ways is shown: the program while it may, else the person. */
  #showRoute(/** @type {boolean} */ decided) {
    const { state, words, root } = this.#desk;
    const { check_in: checkIn, may } = state;
    const { face } = checkIn;
    const open = may.face_check.open || this.#face.running;
    const program = open && !this.#human;
    for (const element of this.#section.querySelectorAll("[data-route]")) {
      /** @type {HTMLElement} */ (element).hidden = element.getAttribute("data-route") !== (program ? "face" : "human");
    }
    this.#button("choose-face").hidden = !open;
    const note = find(this.#section, "[data-face-why]");
    note.hidden = open || !may.check_in.open;
    setText(find(note, "span"), may.face_check.why_not?.message ?? "");
    const failed = !decided && face.state === "failed" && !this.#face.running;
    this.#part("face-failed").hidden = !failed;
    fill(this.#section, "face-failed", words.say("face.failed", { reasons: face.reasons.join(" ") }));
    fill(this.#section, "face-todo", open ? words.say("face.again", { left: face.tries_left }) : words.say("face.used"));
    const total = Number(root.dataset.faceTries);
    const tries = program
      ? words.say("face.try", { number: Math.min(total, total - face.tries_left + 1), total })
      : checkIn.tries ? words.say("check_in.tries", { tries: checkIn.tries }) : "";
    fill(this.#section, "tries", tries);
  }

  #choose(/** @type {boolean} */ human) {
    this.#human = human;
    this.#face.stop();
    this.update();
  }

  #draw() {
    this.#face.draw();
    this.#code.draw();
    const { media, words } = this.#desk;
    const full = this.#photos.length >= PHOTOS;
    const label = full ? words.say("check_in.retake") : words.say("check_in.take", { number: this.#photos.length + 1, total: PHOTOS });
    fill(this.#section, "take-photo", label);
    const consent = /** @type {HTMLInputElement} */ (this.#button("consent")).checked;
    const why = !consent ? words.say("why.consent") : !full ? words.say("why.photos", { total: PHOTOS }) : this.#desk.whyNot("check_in");
    setOpen(this.#button("send-photos"), this.#sending ? words.say("why.sending") : why);
    const fix = find(this.#section, "[data-camera-fix]");
    fix.hidden = Boolean(media.camera) || !media.problem;
    const key = `check.media.${media.problem}`;
    setText(find(fix, "span"), words.say(words.has(key) ? key : "check.media.failed"));
  }

  async #take() {
    if (this.#photos.length >= PHOTOS) this.#forget();
    if (!this.#panel.preview) {
      await this.#desk.media.openCamera().catch(() => undefined);
      return this.#draw();
    }
    const video = /** @type {HTMLVideoElement} */ (find(this.#section, "[data-preview]"));
    if (!video.videoWidth) return;
    const blob = await this.#panel.preview.snapshot({ width: 640, quality: 0.85 });
    this.#photos.push({ blob, url: URL.createObjectURL(blob) });
    this.#showPhotos();
    this.#draw();
  }

  #showPhotos() {
    const items = this.#photos.map(({ url }, index) => {
      const item = document.createElement("li");
      item.dataset.photo = String(index + 1);
      const image = new Image();
      image.src = url;
      image.alt = this.#desk.words.say("check_in.photo", { number: index + 1 });
      item.append(image);
      return item;
    });
    find(this.#section, "[data-photos]").replaceChildren(...items);
  }

  async #send() {
    if (!isOpen(this.#button("send-photos")) || this.#sending) return;
    const form = new FormData();
    form.set("consent", "on");
    form.set("consent_version", this.#desk.root.dataset.consentVersion ?? "");
    this.#photos.forEach(({ blob }, index) => form.append("photos", blob, `${index + 1}.jpg`));
    this.#sending = true;
    this.#draw();
    const reply = await this.#desk.act("check-ins", form);
    this.#sending = false;
    if (reply) {
      this.#again = false;
      this.#forget();
    }
    this.update();
  }

  #startAgain() {
    this.#again = true;
    this.update();
  }

  #forget() {
    for (const { url } of this.#photos) URL.revokeObjectURL(url);
    this.#photos = [];
    this.#showPhotos();
  }

  #button(/** @type {string} */ action) {
    return find(this.#section, `[data-action="${action}"]`);
  }

  #part(/** @type {string} */ name) {
    return find(this.#section, `[data-check-in="${name}"]`);
  }
}
