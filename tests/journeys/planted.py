"""A recorder that records nothing: it hands out the pieces of a prepared file."""

import base64
import json

from candidates.simulation.media import make_segment

PLANTED_RECORDER = """
(() => {
  const pieces = PIECES.map((text) =>
    Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  window.MediaRecorder = class extends EventTarget {
    static isTypeSupported() { return true; }
    state = "inactive";
    mimeType = "video/webm;codecs=vp8,opus";
    #next = 0;
    constructor(stream) { super(); this.stream = stream; }
    start(every) {
      this.state = "recording";
      this.onstart?.(new Event("start"));
      this.timer = setInterval(() => this.requestData(), every);
    }
    requestData() {
      const piece = pieces[this.#next];
      this.#next += 1;
      this.ondataavailable?.({ data: new Blob(piece ? [piece] : []) });
    }
    stop() {
      if (this.state === "inactive") return;
      this.state = "inactive";
      clearInterval(this.timer);
      setTimeout(() => { this.requestData(); this.onstop?.(new Event("stop")); });
    }
  };
})();
"""


def planted_recorder() -> str:
    """Return a page script that plays a prepared file as if it were recorded."""
    _, slices = make_segment(60, audio=True, seed=1)
    pieces = json.dumps([base64.b64encode(piece).decode() for piece in slices])
    return PLANTED_RECORDER.replace("PIECES", pieces)
