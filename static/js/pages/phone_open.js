// A scanned code inside a chat program's browser: the link is copied out of it.
//
// Nothing is opened without a press: browsers load pages ahead of time, and a code that
// was loaded ahead would be used up.

import { isInApp } from "../models/in_app.js";
import { find, setText } from "../widgets/dom.js";

const form = /** @type {HTMLFormElement} */ (find(document, '[data-form="open"]'));
const link = /** @type {HTMLInputElement} */ (find(document, "[data-link]"));

async function copy() {
  const word = find(document, "[data-copy-word]");
  try {
    await navigator.clipboard.writeText(link.value);
    setText(word, word.dataset.done ?? "");
  } catch {
    link.select();
  }
}

if (isInApp(navigator.userAgent)) {
  find(document, "[data-in-app]").hidden = false;
  form.hidden = true;
  find(document, '[data-action="copy"]').addEventListener("click", () => void copy());
}
