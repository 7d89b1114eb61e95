// @ts-check
import { FilmTrio } from "../widgets/film_trio.js";

for (const root of document.querySelectorAll("[data-film-trio]")) {
  new FilmTrio(/** @type {HTMLElement} */ (root)).connect();
}
