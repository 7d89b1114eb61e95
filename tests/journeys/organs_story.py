"""Crowd, proctor, helpdesk and officials around one passage, in browsers of their own."""

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import BrowserContext, Page, expect

from config.pages.demo import id_number
from tests.journeys.bells import Forgetting, Logs, deaf_socket
from tests.journeys.browser import press
from tests.journeys.camera import BACKEND, TurningCamera, roster_photo
from tests.journeys.checks import Ledger
from tests.journeys.phone_story import PhoneStory
from tests.journeys.portal import ROOT
from tests.journeys.story import TICKET

SOON = 20_000
CATCHES_UP = 35_000
WARNING = "Keep your hands in the picture"
QUESTION = "May I use the back of the paper?"
ANSWER = "Yes, you may."
SEEN = "A second person stands behind the candidate"
MOST_BEHIND_MS = 5_000
PLAYERS = """() => [...document.querySelectorAll("[data-live]")].map((figure) => {
  const { readyState, seeking, currentTime, paused, error, buffered } =
    figure.querySelector("video");
  const held = Array.from({ length: buffered.length }, (_, at) => [buffered.start(at), buffered.end(at)]);
  return { ...figure.dataset, readyState, seeking, currentTime, paused, held,
    error: error?.message, said: figure.innerText };
})"""
CROWD = 10
CROWD_ANSWERS_SECONDS = 25
CROWD_MARKS = ["20", "40.5"]


class OrgansStory(PhoneStory):
    """A passage that is watched, helped, noted, judged and taken back."""

    stretched = ("start_in", "login_before", "answer")
    settings: ClassVar[dict[str, str]] = {
        "FACE_BACKEND": BACKEND,
        "FACE_CHALLENGE_SECONDS": "9",
    }
    camera: TurningCamera
    logs: Logs
    crowd: subprocess.Popen | None = None
    deaf: socket.socket | None = None
    forgetting: Forgetting | None = None

    def roster_rows(self) -> list[tuple]:
        return super().roster_rows() + [
            (
                f"2027005000{number:02}",
                f"模拟{number}",
                id_number(500_000 + number),
                f"138005000{number:02}",
                "Archive",
                "Room 1",
            )
            for number in range(1, CROWD + 1)
        ]

    def prepare_people(self) -> None:
        photo = self.portal.folder / "roster-photo.jpg"
        photo.write_bytes(roster_photo())
        self.portal.prepare("photographed", ticket=TICKET, photo=str(photo))

    def send_crowd(self, folder: Path) -> None:
        """Ten synthetic candidates with phones walk beside the one in the browser."""
        accounts = {
            "staff": {
                "helpdesk": {
                    "username": "helpdesk",
                    "password": self.facts["password"],
                }
            },
            "candidates": [
                {
                    "url": f"{self.direct}/p/interview/",
                    "ticket_number": ticket,
                    "id_suffix": number[-6:],
                    "simulated": True,
                }
                for ticket, _, number, *_ in self.roster_rows()[1:]
            ],
        }
        file, self.crowd_report = folder / "accounts.json", folder / "report.json"
        file.write_text(json.dumps(accounts), "utf-8")
        self.crowd_log = folder / "crowd.log"
        with self.crowd_log.open("wb") as log:
            self.crowd = subprocess.Popen(
                [
                    *(sys.executable, "manage.py", "simulate", str(file)),
                    *("--answer", str(CROWD_ANSWERS_SECONDS)),
                    *("--report", str(self.crowd_report)),
                ],
                cwd=ROOT,
                env=self.portal.environment,
                stdout=log,
                stderr=log,
            )

    def check_crowd(self) -> None:
        """Everybody of the crowd passed, phone and all, and lost nothing."""
        self.crowd.wait(60)
        assert self.crowd_report.exists(), self.crowd_log.read_text("utf-8")[-3000:]
        report = json.loads(self.crowd_report.read_text("utf-8"))
        assert report["problems"] == {}
        assert report["passed"] == report["archived"] == CROWD
        assert report["receipts"] == 3 * CROWD
        assert report["chunks_acknowledged"] == report["chunks_sent"]

    def leave(self) -> None:
        """End what was started beside the browsers."""
        if self.deaf:
            self.deaf.close()
        if self.forgetting:
            self.forgetting.leave()
        if self.crowd and self.crowd.poll() is None:
            self.crowd.terminate()
            self.crowd.wait(15)

    def prove_identity(self, page: Page) -> None:
        """Consent, three turns of the head in the order asked, and a pass."""
        view = '[data-view="check_in"]'
        page.locator(f'{view} [data-action="face-consent"]').check()
        self.shoot(page, "face-consent")
        press(page, "check_in", "start-face")
        shown: list[str] = []
        while len(shown) < len(self.camera.poses):
            asked = f"{view}[data-face-step]"
            known = "".join(f':not([data-face-step="{pose}"])' for pose in ["", *shown])
            page.wait_for_selector(asked + known, timeout=SOON)
            pose = page.locator(view).get_attribute("data-face-step")
            self.camera.show(pose)
            shown.append(pose)
            self.shoot(page, f"face-{pose}")
        page.wait_for_selector("[data-exam]:not([data-view-now=check_in])")

    def trouble_bells(self, context: BrowserContext) -> None:
        """Where a Redis rings: empty it, drop its listeners, and never read a socket."""
        cookies = {row["name"]: row["value"] for row in context.cookies()}
        self.deaf = deaf_socket(self.direct, "/ws/attempt/", cookies=cookies)
        if self.portal.redis:
            self.forgetting = Forgetting(self.portal.redis)
            self.forgetting.start()

    def check_bells(self, ledger: Ledger) -> None:
        """What every socket was told is what the server wrote, in its order."""
        self.one.wait_for_timeout(3_000)
        self.logs.check(ledger, least=10)
        if self.forgetting:
            assert self.forgetting.times > 3

    def staff_arrive(self) -> None:
        """Those who will be needed sign in while the countdown runs."""
        self.grid = self.sign_in_staff("proctor")
        self.first_officer = self.sign_in_staff("official")
        self.second_officer = self.sign_in_staff("second_official")
        self.logs.watch(self.grid.context)

    def watch(self) -> None:
        """The tile has every picture; the enlarged page is at most 5 s behind."""
        self.grid.goto(f"{self.direct}/proctor/")
        tile = self.grid.locator(f'.k-tile:has(a[href*="{self.attempt}"])')
        for stream in ("camera", "screen", "companion"):
            tile.locator(f'[data-picture="{stream}"]:not([hidden])').wait_for()
        assert self.grid.locator(".k-tile").count() == 1 + CROWD
        self.shoot(self.grid, "proctor-grid")
        self.one = one = self.grid.context.new_page()
        one.goto(f"{self.direct}/proctor/{self.attempt}/")
        self.see_live(one, "camera", "screen", "companion")
        self.shoot(one, "proctor-one")

    def see_live(self, one: Page, *streams: str) -> None:
        """Each stream plays, at most five seconds behind."""
        until, waiting, behind = time.monotonic() + CATCHES_UP / 1000, {*streams}, {}
        while waiting:
            late = f"milliseconds behind: {behind}"
            assert time.monotonic() < until, f"{late}; {one.evaluate(PLAYERS)}"
            for stream in waiting:
                live = one.locator(f'[data-live="{stream}"]')
                behind[stream] = live.get_attribute("data-behind-ms")
            waiting -= {
                stream
                for stream, late in behind.items()
                if late and int(late) <= MOST_BEHIND_MS
            }
            one.wait_for_timeout(300)

    def warn(self, page: Page) -> None:
        """The warning stands beside the question until it is acknowledged (L2)."""
        one = self.one
        one.locator("h1").click()
        one.keyboard.press("w")
        one.fill('[data-letter="warning"] textarea', WARNING)
        one.locator('[data-letter="warning"] [type="submit"]').click()
        one.get_by_text("Not acknowledged yet").wait_for()
        item = page.locator("[data-inbox] [data-item]:visible", has_text=WARNING)
        item.wait_for()
        assert page.get_by_text("What would you do first?").first.is_visible()
        self.shoot(page, "warning")
        item.locator('[data-action="acknowledge"]').click()
        item.wait_for(state="hidden")
        one.get_by_text("acknowledged at").wait_for()

    def ask(self, page: Page) -> None:
        """Request and answer; the proctor sees both where they watch."""
        page.locator('[data-action="help"]:visible').first.click()
        page.fill("[data-conversation] textarea", QUESTION)
        page.locator('[data-conversation] [data-action="say"]').click()
        talk = self.one.locator("[data-conversation]")
        expect(talk.locator("[data-log]")).to_contain_text(QUESTION, timeout=SOON)
        talk.locator("textarea").fill(ANSWER)
        talk.locator('[data-action="say"]').click()
        expect(page.locator("[data-log]")).to_contain_text(ANSWER, timeout=SOON)
        self.shoot(page, "help-answered")
        page.locator('[data-action="help-close"]').click()

    def note_incident(self) -> None:
        one = self.one
        one.locator("h1").click()
        one.keyboard.press("i")
        one.fill('[data-letter="incident"] textarea', SEEN)
        one.locator('[data-letter="incident"] [type="submit"]').click()
        expect(one.locator("[data-timeline]")).to_contain_text(SEEN, timeout=SOON)
        self.shoot(one, "incident-noted")

    def see_phone_lost(self, page: Page) -> None:
        """The proctor reads of it too, before another phone comes."""
        super().see_phone_lost(page)
        timeline = self.one.locator("[data-timeline]")
        expect(timeline).to_contain_text("The phone was not heard", timeout=SOON)

    def open_case(self) -> None:
        """One official sees the clip and opens; another confirms and tells."""
        first = self.first_officer
        first.goto(f"{self.direct}/review/")
        first.locator(f'[data-attempt="{self.attempt}"]').click()
        first.locator('[data-action="play"]').click()
        first.wait_for_function(
            "() => document.querySelector('video').currentTime > 0.2"
        )
        self.shoot(first, "review-attempt")
        first.fill("[name=facts]", SEEN)
        first.locator('[data-action="open-case"]').click()
        first.wait_for_url(re.compile("/review/cases/"))
        self.case = first.url
        assert first.locator('[data-step="confirm"]').count() == 0
        self.do(self.second_officer, "confirm", reason="It is there to see.")
        self.do(first, "notice")

    def do(self, page: Page, step: str, **typed: str) -> None:
        page.goto(self.case)
        page.locator(f'[data-step="{step}"]').click()
        for name, text in typed.items():
            if name == "outcome":
                page.locator(f'[name=outcome][value="{text}"]').check()
            else:
                page.fill(f"[name={name}]", text)
        self.shoot(page, f"case-{step}")
        page.locator('[data-action="do-step"]').click()
        page.wait_for_url(self.case)

    def waive(self, context: BrowserContext) -> None:
        """The candidate is told in the inbox, and says nothing to it."""
        page = context.new_page()
        page.goto(f"{self.base}/p/interview/home/")
        page.locator("[data-inbox-open] [data-item] [data-link]:visible").first.click()
        page.locator("[data-notice]").wait_for()
        assert SEEN in page.locator("[data-notice]").inner_text()
        self.shoot(page, "case-notice")
        page.locator("[data-form=waiver]").locator("xpath=..").locator(
            "summary"
        ).click()
        page.locator('[data-action="waive"]').click()
        page.locator("[data-form=waiver]").wait_for(state="detached")

    def rule(self, outcome: str) -> None:
        """One proposes, nothing happens; the other approves, and it is carried out."""
        self.do(self.first_officer, "propose", outcome=outcome, reasons="As seen.")
        assert self.first_officer.locator('[data-step="approve"]').count() == 0
        self.do(self.second_officer, "approve")

    def result(self, context: BrowserContext) -> str:
        """What the candidate's page says now: a value, or `void`."""
        page = context.new_page()
        page.goto(f"{self.base}/p/interview/home/")
        page.locator("a[href^='/result/']").first.click()
        page.locator("[data-result], [data-void]").first.wait_for()
        if page.locator("[data-void]").count():
            self.shoot(page, "result-void")
            return "void"
        return page.locator("[data-result]").inner_text()

    def standing(self) -> tuple[str, ...]:
        """What officials read of the attempt: computed, counts as, rank.

        And the best rank that anybody of the crowd has.
        """
        page = self.first_officer
        page.goto(f"{self.direct}/review/sessions/{self.facts['code']}/results/")
        cells = page.locator(f'[data-line="{self.attempt}"] td').all_inner_texts()
        others = page.locator(f'[data-line]:not([data-line="{self.attempt}"])').all()
        best = min(row.locator("td").nth(4).inner_text().strip() for row in others)
        return (*(cell.strip() for cell in cells[2:5]), best)
