// The phone's one page, from the comparison of the digits to the receipt.

import { ChunkStore } from "../models/chunk_store.js";
import { find } from "../widgets/dom.js";
import { PhoneDesk } from "../widgets/phone_desk.js";
import { PhoneFilm, writeDigits } from "../widgets/phone_film.js";
import { PhoneUpload } from "../widgets/phone_upload.js";
import { ServerClock } from "../widgets/server_clock.js";

const root = find(document, "[data-phone]");
// One store for each recording: a film of another exam is never sent for this one.
const desk = new PhoneDesk(root, await ChunkStore.open(`kaowu-phone-${root.dataset.recording}`));

desk.client.addEventListener("state", () => writeDigits(root, desk.state.companion.cross_check));
new PhoneFilm({ desk }).connect();
new PhoneUpload({ desk }).connect();
for (const element of document.querySelectorAll("[data-server-clock]")) {
  new ServerClock(/** @type {HTMLElement} */ (element), () => desk.now()).connect();
}
await desk.connect();
