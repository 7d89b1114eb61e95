// The form of a session: what it means while it is typed, and the order of the stages.

import { SessionMeaning } from "../widgets/session_meaning.js";
import { StageOrder } from "../widgets/stage_order.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("#session_form"));
const meaning = /** @type {HTMLElement | null} */ (document.querySelector("[data-meaning]"));
if (form && meaning) new SessionMeaning({ form, panel: meaning }).connect();

for (const list of document.querySelectorAll("[data-stage-list]")) {
  new StageOrder(/** @type {HTMLElement} */ (list)).connect();
}
