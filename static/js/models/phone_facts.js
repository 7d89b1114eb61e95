// @ts-check
import { storageRoom } from "./browser_facts.js";

const MEBIBYTE = 2 ** 20;

/**
 * What this phone tells of itself: whole numbers only, and only what the browser says.
 * @returns {Promise<{battery?: number, charging?: number, free_mb?: number}>}
 */
export async function phoneFacts() {
  /** @type {{battery?: number, charging?: number, free_mb?: number}} */
  const facts = {};
  const battery = await /** @type {any} */ (navigator).getBattery?.().catch(() => null);
  if (battery) {
    facts.battery = Math.round(battery.level * 100);
    facts.charging = battery.charging ? 1 : 0;
  }
  const { quota, usage } = await storageRoom();
  if (quota) facts.free_mb = Math.max(0, Math.floor((quota - usage) / MEBIBYTE));
  return facts;
}
