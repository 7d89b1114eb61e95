// @ts-check
import { ExhibitPlayer } from "../widgets/exhibit_player.js";
import { MarkForm } from "../widgets/mark_form.js";

for (const root of document.querySelectorAll("[data-player]")) {
  new ExhibitPlayer(/** @type {HTMLElement} */ (root)).connect();
}
for (const form of document.querySelectorAll("[data-mark-form]")) {
  new MarkForm(/** @type {HTMLFormElement} */ (form)).connect();
}
