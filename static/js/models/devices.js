// @ts-check
import { fire } from "../helpers/events.js";

const CODES = {
  NotAllowedError: "denied",
  SecurityError: "insecure",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "cancelled",
  NotSupportedError: "unsupported",
};

/** code: denied, missing, busy, cancelled, insecure, unsupported, not_monitor, failed */
export class DeviceProblem extends Error {
  /** @param {string} code */
  constructor(code, options = {}) {
    super(code, options);
    this.code = code;
  }
}

/** @template T @param {() => Promise<T>} ask @param {string} refusal @returns {Promise<T>} */
async function typed(ask, refusal = "denied") {
  if (!globalThis.isSecureContext) throw new DeviceProblem("insecure");
  if (!navigator.mediaDevices) throw new DeviceProblem("unsupported");
  try {
    return await ask();
  } catch (cause) {
    const code = CODES[/** @type {Error} */ (cause).name] ?? "failed";
    throw new DeviceProblem(code === "denied" ? refusal : code, { cause });
  }
}

const chosen = (id) => (id ? { deviceId: { exact: id } } : {});

/** Camera with microphone. @returns {Promise<MediaStream>} */
export function openCamera({ videoId = "", audioId = "", width = 640, height = 480, frameRate = 15 } = {}) {
  const picture = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: frameRate } };
  const sound = { echoCancellation: false, noiseSuppression: false, autoGainControl: true };
  return typed(() =>
    navigator.mediaDevices.getUserMedia({
      video: { ...chosen(videoId), ...picture },
      audio: { ...chosen(audioId), ...sound },
    }),
  );
}

/** The phone's front camera, without sound. @returns {Promise<MediaStream>} */
export function openPhoneCamera({ width = 640, height = 480, frameRate = 15 } = {}) {
  const picture = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: frameRate } };
  return typed(() => navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", ...picture }, audio: false }));
}

/**
 * The candidate's screen, without sound. A tab or a window is given back at once when
 * the policy wants the whole screen; a browser that does not say counts as whole.
 * @param {{policy?: "monitor" | "any", frameRate?: number}} options
 */
export async function openScreen({ policy = "monitor", frameRate = 5 } = {}) {
  const wish = {
    video: { displaySurface: "monitor", frameRate: { ideal: frameRate } },
    audio: false,
    monitorTypeSurfaces: "include",
    surfaceSwitching: "exclude",
  };
  const share = () => {
    if (!navigator.mediaDevices.getDisplayMedia) throw new DeviceProblem("unsupported");
    return navigator.mediaDevices.getDisplayMedia(wish);
  };
  // A closed picker and a forbidden one are the same error: asking again is right for both.
  const mediaStream = await typed(share, "cancelled");
  const surface = surfaceOf(mediaStream);
  if (policy === "monitor" && surface !== null && surface !== "monitor") {
    stopStream(mediaStream);
    throw new DeviceProblem("not_monitor");
  }
  return mediaStream;
}

/** monitor, window, browser, or null when the browser does not say. @param {MediaStream} mediaStream */
export function surfaceOf(mediaStream) {
  return mediaStream.getVideoTracks()[0]?.getSettings().displaySurface ?? null;
}

/** @param {MediaStream | null} mediaStream */
export function stopStream(mediaStream) {
  for (const track of mediaStream?.getTracks() ?? []) track.stop();
}

/** What is plugged in; labels are empty until a camera was opened once. */
export async function listDevices() {
  const devices = await typed(() => navigator.mediaDevices.enumerateDevices());
  const of = (kind) =>
    devices
      .filter((device) => device.kind === kind)
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { cameras: of("videoinput"), microphones: of("audioinput"), speakers: of("audiooutput") };
}

/** Says when something is plugged in or out. */
export class DeviceWatch extends EventTarget {
  connect() {
    navigator.mediaDevices?.addEventListener("devicechange", this.#onChange);
  }

  disconnect() {
    navigator.mediaDevices?.removeEventListener("devicechange", this.#onChange);
  }

  #onChange = async () => fire(this, "changed", await listDevices());
}
