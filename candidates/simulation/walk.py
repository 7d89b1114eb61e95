"""One synthetic candidate's passage, stage by stage, from the state reply alone."""

import base64
import http
import io
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import Image, ImageDraw

from candidates.simulation.http import Answer, Client, Unexpected
from candidates.simulation.media import make_segment
from candidates.simulation.memory import Memory
from candidates.simulation.phone import Phone
from candidates.simulation.pulse import Pulse
from candidates.simulation.recorder import SegmentSender

API = "/api/v1/attempts/me"
# A page asks every five seconds and is told of changes between; this one is not.
POLL_SECONDS = 2.0
ACCEPTED = (200, 201, 202)
MEDIA_SECONDS = 30


@dataclass
class Passage:
    """What happened to one candidate; `problem` is empty when all went well."""

    ticket_number: str
    stages: dict[str, float] = field(default_factory=dict)
    chunks_sent: int = 0
    chunks_acknowledged: int = 0
    repeats: int = 0
    number: int | None = None
    receipts: int = 0
    archived: bool = False
    problem: str = ""


class Walker:
    """Walks one account through the passage; `tell(stage)` reports progress."""

    def __init__(
        self,
        account: dict,
        *,
        seed: int,
        patience: float,
        answer_seconds: float | None,
        tell: Callable[[str], None],
        memory: Memory,
        stopping: threading.Event,
    ) -> None:
        self.account = account
        self.seed = seed
        self.until = time.monotonic() + patience
        self.answer_seconds = answer_seconds
        self.tell = tell
        self.memory = memory
        self.stopping = stopping
        base, _, path = account["url"].partition("/p/")
        self.client = Client(base, cookies=dict(memory.cookies))
        self.entry = f"/p/{path}"
        self.passage = Passage(account["ticket_number"])
        self.state: dict = {}
        self.senders: dict[str, SegmentSender] = {}
        self.pulse = Pulse(self.client, seed=seed)
        self.phone: Phone | None = None

    def walk(self) -> Passage:
        """Run the whole passage; never raises, `problem` tells what went wrong."""
        try:
            self._sign_in()
            self._walk_stages()
            if self.state["attempt"]["state"] == "entered":
                self._record_and_answer()
            if self.state["attempt"]["state"] == "submitted":
                self._seal()
            self._await_archive()
        except Exception as problem:  # a thread's edge: report, never vanish
            self.passage.problem = f"{type(problem).__name__}: {problem}"
        finally:
            if self.phone:
                self.phone.leave()
            self.pulse.close()
            self.client.close()
        return self.passage

    def _is_known(self) -> bool:
        answer = self.client.get(f"{API}/state", label="state")
        return answer.status == http.HTTPStatus.OK

    def _sign_in(self) -> None:
        if self.memory.cookies and self._is_known():
            self._refresh()
            return
        fields = {
            "ticket_number": self.account["ticket_number"],
            "id_suffix": self.account["id_suffix"],
        }
        answer = self.client.fill_form(self.entry, fields)
        if answer.status not in (302, 303):
            message = f"sign-in answered {answer.status}"
            raise Unexpected(message)
        self._reached("sign_in")
        self._remember()
        self._refresh()

    def _walk_stages(self) -> None:
        while self.state["attempt"]["state"] in ("enrolled", "checked_in"):
            stage = self.state["stage"]
            if stage == "check_in":
                self._check_in()
            elif stage == "companion":
                self._bind_phone()
                self._act("stages/companion", {"confirmed": True})
            elif stage == "draw":
                self._draw()
            elif stage == "enter":
                self._wait_for("enter")
                self._act("enter", {})
            elif stage == "devices":
                self._act(f"stages/{stage}", {"without_headphones": True})
            elif stage in ("flow", "attachments", "commitment", "notice"):
                found = self.client.get(f"{API}/documents?stage={stage}")
                ids = [row["id"] for row in json.loads(found.body)]
                self._act(f"stages/{stage}", {"documents": ids})
            else:
                self._act(f"stages/{stage}", {"confirmed": True})
            self._reached(stage)

    def _check_in(self) -> None:
        self._wait_for("check_in")
        fields = {"consent": "on", "consent_version": "1"}
        photos = [portrait(self.seed, turn) for turn in range(3)]
        self._expect(self.client.post_photos(f"{API}/check-ins", fields, photos))
        while self.state["check_in"]["state"] != "approved":
            self._pause("an approval")
            self._refresh()
            if self.state["check_in"]["state"] == "declined":
                message = f"declined: {self.state['check_in']['reason']}"
                raise Unexpected(message)
        # One reply may tell of the approval and not yet of the stage after it.
        while self.state["stage"] == "check_in":
            self._pause("the stage after the approval")
            self._refresh()

    def _bind_phone(self) -> None:
        """Show a code, let the phone open it, compare the digits, see it film."""
        shown = self._expect(self.client.post_json(f"{API}/companion", {})).json
        self.phone = Phone(self.client.base, shown["link"], seed=self.seed)
        self._refresh()
        match = (
            self.state["companion"]["offer"]["cross_check"] == self.phone.cross_check
        )
        body = {"code": shown["code"], "match": match}
        self._act("companion/match", body)
        self.phone.start()
        while self.state["companion"]["state"] != "filming":
            if self.phone.problem:
                raise Unexpected(self.phone.problem)
            self._pause("the phone")
            self._refresh()

    def _draw(self) -> None:
        if self.state["may"]["draw"]["open"]:
            answer = self.client.post_json(
                f"{API}/draw", {"nonce": secrets.token_hex(16)}
            )
            if answer.status not in ACCEPTED and answer.status != 409:
                self._expect(answer)
        while self.state["attempt"]["sequence_number"] is None:
            self._refresh()
            if self.state["attempt"]["sequence_number"] is None:
                self._pause("a number")

    def _record_and_answer(self) -> None:
        self.passage.number = self.state["attempt"]["sequence_number"]
        if self.state["companion"] and self.phone is None:
            self._bind_phone()
        began_ms, began = self.state["server_ms"], time.monotonic()
        media = {}
        for recording in self.state["recordings"]:
            if recording["stream"] == "companion":
                continue
            camera = recording["stream"] == "camera"
            mime, slices = make_segment(MEDIA_SECONDS, audio=camera, seed=self.seed % 4)
            media[recording["stream"]] = slices
            self.senders[recording["stream"]] = SegmentSender(
                self.client,
                recording["code"],
                self.state["edge_token"],
                mime,
                began_ms,
            )
        opened, second = False, 0
        starts = self.state["deadlines"]["starts"]
        while not self._over(began, began_ms):
            if second >= MEDIA_SECONDS:
                self._renew_segments(began_ms + second * 1000)
                second, began, began_ms = (
                    0,
                    time.monotonic(),
                    self._server_now(began, began_ms),
                )
            for stream, sender in self.senders.items():
                self.passage.chunks_sent += 1
                sender.send(
                    media[stream][second], start_ms=second * 1000, duration_ms=1000
                )
                self.passage.chunks_acknowledged += 1
                self.passage.repeats += sender.repeats
                sender.repeats = 0
            second += 1
            self._remember()
            self._beat()
            self._confirm_next()
            has_started = self._server_now(began, began_ms) >= starts
            opened = opened or (has_started and self._open_paper())
            self._sleep(began + second - time.monotonic())
        if not opened:
            message = "the paper never opened"
            raise Unexpected(message)
        self._refresh()
        if self.state["attempt"]["state"] == "entered":
            self._act("submit", {"confirm": True})
        self._reached("submit")
        self._end_phone()

    def _end_phone(self) -> None:
        """The phone is stopped by hand after the exam, and states what it holds."""
        if self.phone is None:
            return
        self.phone.finish(patience=max(0.0, self.until - time.monotonic()))
        self.passage.chunks_sent += self.phone.chunks_sent
        self.passage.chunks_acknowledged += self.phone.chunks_acknowledged
        self.passage.repeats += self.phone.repeats
        self.passage.receipts += self.phone.receipt
        self._reached("phone_sealed")

    def _beat(self) -> None:
        heads = {stream: one.told() for stream, one in self.senders.items() if one.sent}
        self.pulse.beat(
            stage=self.state["stage"], phase=self.state["phase"], heads=heads
        )

    def _renew_segments(self, started_ms: int) -> None:
        """A new recorder run per stream, as after a change of device."""
        for stream, old in list(self.senders.items()):
            self.memory.segments.append((old.recording, old.statement()))
            self.senders[stream] = SegmentSender(
                self.client, old.recording, old.token, old.mime, started_ms
            )

    def _running(self) -> list[tuple]:
        return [(one.recording, one.statement()) for one in self.senders.values()]

    def _remember(self) -> None:
        self.memory.keep(self.client.cookies, running=self._running())

    def _server_now(self, began: float, began_ms: int) -> int:
        return began_ms + round((time.monotonic() - began) * 1000)

    def _over(self, began: float, began_ms: int) -> bool:
        now = self._server_now(began, began_ms)
        limits = self.state["deadlines"]
        end = limits["ends"]
        if self.answer_seconds is not None:
            end = min(end, limits["starts"] + round(self.answer_seconds * 1000))
        return now >= end

    def _confirm_next(self) -> None:
        stage = self.state["stage"]
        if stage == "device_confirmation":
            facts = {"camera": "simulated", "microphone": "simulated"}
            self._act(f"stages/{stage}", {**facts, "surface": "monitor"})
        elif stage in ("information", "paper_check"):
            self._act(f"stages/{stage}", {"confirmed": True})
        else:
            return
        self._reached(stage)

    def _open_paper(self) -> bool:
        """Ask for the key; true once the questions are readable (R63)."""
        code = self.state["attempt"]["code"]
        headers = {"Authorization": f"Bearer {self.state['edge_token']}"}
        path = f"/api/v1/attempts/{code}/paper"
        answer = self.client.request("GET", f"{path}-key", headers=headers)
        if answer.status != http.HTTPStatus.OK:
            return False
        bundle = self.client.request("GET", path, headers=headers).body
        key = base64.b64decode(answer.json["key"])
        text = AESGCM(key).decrypt(bundle[4:16], bundle[16:], b"kaowu/paper/1")
        length = int.from_bytes(text[:4], "big")
        questions = json.loads(text[4 : 4 + length])["questions"]
        if not questions:
            message = "the paper is empty"
            raise Unexpected(message)
        self._reached("paper")
        return True

    def _seal(self) -> None:
        statement: dict[str, list] = {}
        for code, segment in [*self.memory.segments, *self._running()]:
            statement.setdefault(code, []).append(segment)
        body = {
            "recordings": [
                {"code": code, "segments": segments}
                for code, segments in statement.items()
            ]
        }
        answer = self._expect(self.client.post_json(f"{API}/seal", body))
        sealed = answer.json["recordings"]
        receipts = sum(1 for row in sealed if row["receipt"])
        self.passage.receipts += receipts
        if receipts != len(statement):
            message = f"not sealed: {sealed}"
            raise Unexpected(message)
        self._reached("seal")
        self._refresh()

    def _await_archive(self) -> None:
        while not self.state["purge_ok"]:
            self._pause("the archive")
            self._refresh()
        self.passage.archived = True
        self._reached("archived")

    def _wait_for(self, action: str) -> None:
        while not self.state["may"][action]["open"]:
            why = self.state["may"][action]["why_not"]
            if self.state["check_in"]["state"] == "waiting" and action == "check_in":
                return
            self._pause(f"{action} ({why and why['code']})")
            self._refresh()

    def _refresh(self) -> None:
        self.state = self._expect(self.client.get(f"{API}/state", label="state")).json

    def _act(self, path: str, body: dict) -> None:
        self._expect(self.client.post_json(f"{API}/{path}", body))
        self._refresh()

    def _expect(self, answer: Answer) -> Answer:
        if answer.status not in ACCEPTED:
            message = f"{answer.status} {answer.body[:300]!r}"
            raise Unexpected(message)
        return answer

    def _pause(self, what: str) -> None:
        if time.monotonic() > self.until:
            message = f"gave up waiting for {what}"
            raise Unexpected(message)
        self._sleep(min(POLL_SECONDS, self._seconds_to_deadline()))

    def _seconds_to_deadline(self) -> float:
        """How long after its last reply the next instant is that opens or closes."""
        now = self.state["server_ms"]
        ahead = [at for at in self.state["deadlines"].values() if at > now]
        return (min(ahead) - now) / 1000 if ahead else POLL_SECONDS

    def _sleep(self, seconds: float) -> None:
        if self.stopping.wait(max(0.0, seconds)):
            message = "stopped from outside"
            raise Unexpected(message)

    def _reached(self, stage: str) -> None:
        self.passage.stages[stage] = time.time()
        self.tell(stage)


def portrait(seed: int, turn: int) -> bytes:
    """Return a small drawn face: enough for a person to see who is meant."""
    image = Image.new("RGB", (240, 320), (188 + seed * 7 % 40, 196, 206))
    draw = ImageDraw.Draw(image)
    skin = (224, 190 - seed * 5 % 30, 160)
    draw.ellipse((60, 60, 180, 220), fill=skin)
    shift = (turn - 1) * 8
    for x in (95, 135):
        draw.ellipse((x + shift, 120, x + shift + 12, 132), fill=(40, 40, 50))
    draw.arc((95 + shift, 150, 145 + shift, 190), 10, 170, fill=(120, 40, 40), width=4)
    draw.rectangle((40, 230, 200, 320), fill=(40 + seed * 31 % 120, 70, 110))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
