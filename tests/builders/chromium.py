"""Debian's Chromium, as every browser test starts it."""

import shutil

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream=fps=10",
    "--autoplay-policy=no-user-gesture-required",
)


def program() -> str:
    """Return where the browser is; a test that drives one cannot do without."""
    found = shutil.which("chromium")
    assert found, "these tests drive a real chromium"
    return found
