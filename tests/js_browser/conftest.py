"""A real Chromium, its own process, so that a test can kill it."""

import re
import signal
import subprocess

import pytest
from playwright.sync_api import sync_playwright

from tests.builders.chromium import FLAGS, program
from tests.js_browser.fake_site import Site
from tests.policy.conftest import clock_at_entry, world  # noqa: F401 - fixtures


class Chromium:
    """One browser on one profile; starting again is the same person coming back."""

    def __init__(self, playwright, profile):
        self.playwright = playwright
        self.profile = profile
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [
                program(),
                "--headless",
                "--remote-debugging-port=0",
                *FLAGS,
                f"--user-data-dir={self.profile}",
                "about:blank",
            ],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        for line in self.process.stderr:
            found = re.search(r"DevTools listening on (ws://\S+)", line)
            if found:
                self.browser = self.playwright.chromium.connect_over_cdp(found[1])
                return self
        pytest.fail("chromium did not start")

    def open(self, url):
        page = self.browser.contexts[0].new_page()
        page.goto(url)
        return page

    def kill(self):
        """As a power cut would: nothing is said to the browser."""
        self.process.send_signal(signal.SIGKILL)
        self.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.wait()

    def wait(self):
        self.process.wait(timeout=20)
        self.process.stderr.close()


@pytest.fixture
def site():
    site = Site()
    site.up()
    yield site
    site.down()


@pytest.fixture
def chromium(tmp_path):
    with sync_playwright() as playwright:
        chromium = Chromium(playwright, tmp_path / "profile").start()
        yield chromium
        chromium.stop()
