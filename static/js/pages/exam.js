// The one page from device preparation to the receipt: wires views, stages and models.

import { ChunkStore } from "../models/chunk_store.js";
import { CompanionWatch } from "../widgets/companion_watch.js";
import { fill, find } from "../widgets/dom.js";
import { ExamDesk } from "../widgets/exam_desk.js";
import { ExamKeeper } from "../widgets/exam_keeper.js";
import { FocusNote } from "../widgets/focus_note.js";
import { mountHelp } from "../widgets/help_dock.js";
import { InboxPanel } from "../widgets/inbox_panel.js";
import { ObservationLog } from "../widgets/observation_log.js";
import { OutageBanner } from "../widgets/outage_banner.js";
import { PauseNote } from "../widgets/pause_note.js";
import { ServerClock } from "../widgets/server_clock.js";
import { StageCheckIn } from "../widgets/stage_check_in.js";
import {
  StageDeviceConfirmation,
  StageInformation,
  StagePaperCheck,
} from "../widgets/stage_confirmations.js";
import { StageCompanion } from "../widgets/stage_companion.js";
import { StageDevices } from "../widgets/stage_devices.js";
import { StageDraw } from "../widgets/stage_draw.js";
import { StageEnter } from "../widgets/stage_enter.js";
import { StageReading } from "../widgets/stage_reading.js";
import { StageRoom } from "../widgets/stage_room.js";
import { StageDone, StageUpload } from "../widgets/stage_upload.js";
import { StepRail } from "../widgets/step_rail.js";

const READINGS = ["flow", "attachments", "commitment", "notice"];
const ROOM = new Set(["device_confirmation", "information", "paper_check", "countdown", "answer"]);

const root = find(document, "[data-exam]");
const desk = new ExamDesk(root, await ChunkStore.open());
const section = (/** @type {string} */ view) => find(root, `[data-view="${view}"]`);

/** @type {Record<string, {open(): void, close(): void, update(): void}>} */
const stages = {
  devices: new StageDevices({ section: section("devices"), desk }),
  check_in: new StageCheckIn({ section: section("check_in"), desk }),
  companion: new StageCompanion({ section: section("companion"), desk }),
  draw: new StageDraw({ section: section("draw"), desk }),
  enter: new StageEnter({ section: section("enter"), desk }),
  device_confirmation: new StageDeviceConfirmation({ section: section("device_confirmation"), desk }),
  information: new StageInformation({ section: section("information"), desk }),
  paper_check: new StagePaperCheck({ section: section("paper_check"), desk }),
  upload: new StageUpload({ section: section("upload"), desk }),
  done: new StageDone({ section: section("done"), desk }),
};
for (const stage of READINGS) {
  stages[stage] = new StageReading({ section: section(stage), desk, stage });
}
const room = new StageRoom({ pane: find(root, '[data-shell="room"]'), desk });
const rail = new StepRail({ desk });
const keeper = new ExamKeeper({ desk });
const outage = new OutageBanner({ desk });
const log = new ObservationLog({ desk });

/** Why nobody sits here: absent, withdrawn, or another computer took over. */
function explainEnd() {
  const { attempt, lease } = desk.state;
  const key = lease.state === "active" ? attempt.state : "lease_lost";
  fill(section("ended"), "ended-title", desk.words.say(`ended.${key}.title`));
  fill(section("ended"), "ended-happened", desk.words.say(`ended.${key}`));
}

desk.views.addEventListener("view", (event) => {
  const { view, previous } = /** @type {CustomEvent} */ (event).detail;
  stages[previous]?.close();
  if (ROOM.has(previous) && !ROOM.has(view)) room.close();
  stages[view]?.open();
  if (ROOM.has(view)) room.open();
  if (view === "ended") explainEnd();
});
desk.client.addEventListener("state", () => {
  desk.views.follow(desk.state, desk.now());
  rail.draw();
  stages[desk.views.current]?.update();
  room.update();
});
outage.addEventListener("changed", () => room.update());
for (const place of root.querySelectorAll("[data-inbox]")) {
  new InboxPanel({ root: /** @type {HTMLElement} */ (place), client: desk.client }).connect();
}
mountHelp(() => {
  const { camera, screen, pending } = root.dataset;
  const known = { camera, screen, pending: pending && Number(pending), stage: desk.views.current };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value));
});

for (const element of document.querySelectorAll("[data-server-clock]")) {
  new ServerClock(/** @type {HTMLElement} */ (element), () => desk.now()).connect();
}
// What a crash left open is closed here, before anything is sent or recorded anew.
await desk.store.recover();
desk.connect();
keeper.connect();
log.connect();
new FocusNote({ root, desk, log }).connect();
outage.connect();
new CompanionWatch({ desk }).connect();
new PauseNote({ desk }).connect();
desk.uploader.connect();
desk.client.connect();
