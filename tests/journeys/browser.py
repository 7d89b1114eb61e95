"""A real Chromium with a camera that plays a counted film, and what it captured."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright

from tests.builders.chromium import FLAGS, program

# Wraps the recorder before any page script runs: every slice is told to the test with
# the digest of its bytes, before the page has stored it.
CAPTURE_LOG = """
(() => {
  const Native = window.MediaRecorder;
  if (!Native) return;
  let runs = 0;
  window.MediaRecorder = class extends Native {
    constructor(stream, options) {
      super(stream, options);
      const run = `${performance.timeOrigin}/${runs += 1}`;
      const kind = stream.getAudioTracks().length ? "camera" : "screen";
      let order = 0;
      this.addEventListener("dataavailable", async (event) => {
        if (!event.data.size) return;
        const mine = order; order += 1;
        const bytes = await event.data.arrayBuffer();
        const digest = await crypto.subtle.digest("SHA-256", bytes);
        const hex = [...new Uint8Array(digest)]
          .map((byte) => byte.toString(16).padStart(2, "0")).join("");
        window.tellCaptured({ run, kind, order: mine, size: event.data.size, hex });
      });
    }
  };
})();
"""


@dataclass
class Captured:
    """Digests of every slice, by recorder run, in the order of their making."""

    rows: list[dict] = field(default_factory=list)

    def add(self, row: dict) -> None:
        self.rows.append(row)

    def runs(self, kind: str) -> list[list[str]]:
        found: dict[str, list[dict]] = {}
        for row in self.rows:
            if row["kind"] == kind:
                found.setdefault(row["run"], []).append(row)
        return [
            [row["hex"] for row in sorted(rows, key=lambda row: row["order"])]
            for rows in found.values()
        ]


@contextlib.contextmanager
def candidate_browser(
    playwright: Playwright, *, profile: Path, film: Path, captured: Captured
) -> Iterator[BrowserContext]:
    """Open a browser that keeps its storage in `profile`."""
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=program(),
        headless=True,
        args=[*FLAGS, f"--use-file-for-fake-video-capture={film}"],
        viewport={"width": 1366, "height": 820},
        locale="en",
        reduced_motion="reduce",
    )
    context.expose_function("tellCaptured", captured.add)
    context.add_init_script(CAPTURE_LOG)
    try:
        yield context
    finally:
        with contextlib.suppress(Exception):
            context.close()


def staff_browser(playwright: Playwright, *, film: Path | None = None):
    """Open a browser for several people; their camera shows `film`, if there is one."""
    fed = [f"--use-file-for-fake-video-capture={film}"] if film else []
    return playwright.chromium.launch(
        executable_path=program(), headless=True, args=[*FLAGS, *fed]
    )


def press(page: Page, view: str, action: str, *, timeout: float = 20_000) -> None:
    """Press a button of a view once it is open to pressing."""
    button = page.locator(
        f'[data-view="{view}"]:not([hidden]) [data-action="{action}"]'
        ':not([aria-disabled="true"])'
    ).first
    button.click(timeout=timeout)


def wait_view(page: Page, *views: str, timeout: float = 30_000) -> None:
    """Wait until one of the views is the open one."""
    selector = ", ".join(f'[data-exam][data-view-now="{view}"]' for view in views)
    page.wait_for_selector(selector, timeout=timeout)


def view_now(page: Page) -> str:
    return page.locator("[data-exam]").get_attribute("data-view-now")
