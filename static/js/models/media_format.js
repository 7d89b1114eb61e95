// @ts-check
const WITH_SOUND = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const SILENT = ["video/webm;codecs=vp8", "video/webm", "video/mp4"];

// Bits per second: enough for a face at 640x480 and for text on a screen.
const BIT_RATE = { camera: 500_000, screen: 300_000 };
const SOUND_BIT_RATE = 48_000;
const KEY_FRAME_MS = 2000;

/** The first format that this browser records, or null. @param {boolean} hasSound */
export function pickMime(hasSound, isSupported = (mime) => MediaRecorder.isTypeSupported(mime)) {
  return (hasSound ? WITH_SOUND : SILENT).find((mime) => isSupported(mime)) ?? null;
}

/** Options of a MediaRecorder. Browsers pass over the key-frame wish when they cannot. */
export function recorderOptions({ mime, stream, bitsPerSecond }) {
  return {
    mimeType: mime,
    videoBitsPerSecond: bitsPerSecond ?? BIT_RATE[stream] ?? BIT_RATE.camera,
    audioBitsPerSecond: SOUND_BIT_RATE,
    videoKeyFrameIntervalDuration: KEY_FRAME_MS,
  };
}
