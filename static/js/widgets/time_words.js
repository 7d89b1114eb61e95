// Instants and durations as people read them, in the session's own time zone.

const SECOND_MS = 1000;

export class TimeWords {
  #clock;
  zoneLabel;

  /** @param {{timeZone: string, zoneLabel?: string}} options */
  constructor({ timeZone, zoneLabel = "" }) {
    this.zoneLabel = zoneLabel;
    this.#clock = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
  }

  /**
   * Return 09:08:42 for an instant.
   * @param {number} ms epoch milliseconds
   */
  clock(ms) {
    return this.#clock.format(ms);
  }

  /**
   * Return 03:18, or 1:03:18, for a span; never negative, whole seconds rounded up.
   * @param {number} ms
   */
  span(ms) {
    const seconds = Math.max(0, Math.ceil(ms / SECOND_MS));
    const hours = Math.floor(seconds / 3600);
    const minutes = String(Math.floor((seconds % 3600) / 60)).padStart(2, "0");
    const rest = String(seconds % 60).padStart(2, "0");
    return hours ? `${hours}:${minutes}:${rest}` : `${minutes}:${rest}`;
  }
}
