// @ts-check
import { pickMime } from "./media_format.js";

/** What this browser can do; shown in the device check before anything is asked. */
export function capabilities() {
  const records = typeof MediaRecorder === "function";
  return {
    secure: globalThis.isSecureContext,
    mediaRecorder: records && pickMime(true) !== null,
    camera: Boolean(navigator.mediaDevices?.getUserMedia),
    screen: Boolean(navigator.mediaDevices?.getDisplayMedia),
    webm: records && MediaRecorder.isTypeSupported("video/webm;codecs=vp8,opus"),
    mp4: records && MediaRecorder.isTypeSupported("video/mp4"),
    locks: Boolean(navigator.locks),
    indexedDB: Boolean(globalThis.indexedDB),
    crypto: Boolean(globalThis.crypto?.subtle),
  };
}

/** More than one display; null when the browser does not say. */
export function isExtended() {
  return /** @type {any} */ (globalThis.screen).isExtended ?? null;
}

/** Bytes that this origin may keep, and whether they are safe from eviction. */
export async function storageRoom() {
  const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  return { persisted: (await navigator.storage?.persisted?.()) ?? false, quota, usage };
}

export async function askPersistence() {
  return (await navigator.storage?.persist?.()) ?? false;
}
