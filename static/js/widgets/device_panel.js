// Picture, sound level and device pickers of one view; released when the view closes.

import { fire } from "../helpers/events.js";
import { CameraPreview } from "./camera_preview.js";
import { VolumeMeter } from "./volume_meter.js";

export class DevicePanel extends EventTarget {
  #root;
  #media;
  #choose;
  /** @type {CameraPreview | null} */
  #preview = null;
  /** @type {VolumeMeter | null} */
  #meter = null;

  /**
   * @param {{root: ParentNode, media: any, choose?: (choice: any) => Promise<any>}} options
   */
  constructor({ root, media, choose }) {
    super();
    this.#root = root;
    this.#media = media;
    this.#choose = choose ?? ((choice) => media.choose(choice));
    for (const picker of this.#pickers()) {
      picker.addEventListener("change", () => this.#picked(picker));
    }
    const refresh = root.querySelector('[data-action="refresh-devices"]');
    refresh?.addEventListener("click", () => this.fillPickers());
  }

  get preview() {
    return this.#preview;
  }

  connect() {
    this.#media.addEventListener("camera", this.#follow);
    this.#media.addEventListener("devices", this.#list);
    this.#follow();
  }

  disconnect() {
    this.#media.removeEventListener("camera", this.#follow);
    this.#media.removeEventListener("devices", this.#list);
    this.#drop();
  }

  async fillPickers() {
    const { cameras, microphones, speakers } = await this.#media.devices();
    const open = {
      camera: this.#media.camera?.getVideoTracks()[0]?.getSettings().deviceId,
      microphone: this.#media.camera?.getAudioTracks()[0]?.getSettings().deviceId,
    };
    for (const picker of this.#pickers()) {
      const kind = /** @type {"camera" | "microphone"} */ (picker.dataset.picker);
      const devices = kind === "camera" ? cameras : microphones;
      const options = devices.map((/** @type {any} */ device, /** @type {number} */ index) => {
        const option = new Option(device.label || String(index + 1), device.id);
        option.selected = device.id === open[kind];
        return option;
      });
      picker.replaceChildren(...options);
    }
    fire(this, "listed", { cameras, microphones, speakers });
  }

  #pickers() {
    return /** @type {HTMLSelectElement[]} */ ([...this.#root.querySelectorAll("[data-picker]")]);
  }

  async #picked(/** @type {HTMLSelectElement} */ picker) {
    const key = picker.dataset.picker === "camera" ? "videoId" : "audioId";
    try {
      await this.#choose({ [key]: picker.value });
    } catch (problem) {
      fire(this, "problem", { problem });
    }
  }

  #list = () => void this.fillPickers();

  #follow = () => {
    this.#drop();
    const mediaStream = this.#media.camera;
    if (!mediaStream) return;
    const element = /** @type {HTMLVideoElement | null} */ (
      this.#root.querySelector("[data-preview]")
    );
    if (element) {
      this.#preview = new CameraPreview({ element, mediaStream });
      this.#preview.connect();
    }
    this.#listen(mediaStream);
    void this.fillPickers();
  };

  #listen(/** @type {MediaStream} */ mediaStream) {
    const element = /** @type {HTMLElement | null} */ (this.#root.querySelector("[data-meter]"));
    if (!element || mediaStream.getAudioTracks().length === 0) return;
    const word = /** @type {HTMLElement | null} */ (this.#root.querySelector("[data-meter-word]"));
    this.#meter = new VolumeMeter({ element, mediaStream, word });
    this.#meter.addEventListener("level", (event) => {
      fire(this, "level", /** @type {CustomEvent} */ (event).detail);
    });
    this.#meter.connect();
  }

  #drop() {
    this.#preview?.disconnect();
    this.#meter?.disconnect();
    this.#preview = null;
    this.#meter = null;
  }
}
