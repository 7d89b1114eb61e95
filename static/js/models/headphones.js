// @ts-check
/** Words by which makers and systems name what is worn on the ears. */
const WORN = /head ?(phone|set)|ear ?(phone|bud|pod|piece)|air ?pods|\bbuds|hands-free|耳机|耳麦|耳塞/i;

/**
 * The labels that sound like headphones, each once; a label proves nothing (R37).
 * @param {{label: string}[]} devices
 */
export function headphonesAmong(devices) {
  return [...new Set(devices.map(({ label }) => label).filter((label) => WORN.test(label)))];
}
