"""One synthetic phone beside its computer: opened, turned around, filming, sealed.

A device of its own: another client, another cookie, another thread. The computer
compares the digits and tells it when the exam is over; nothing else passes between
them but what the server says.
"""

import threading
import time
import urllib.parse
from collections.abc import Callable

from candidates.simulation.http import Client, Unexpected
from candidates.simulation.media import make_segment
from candidates.simulation.pulse import BEAT_SECONDS, PICTURE_SECONDS, small_picture
from candidates.simulation.recorder import NotStored, SegmentSender

API = "/phone/api"
ACCEPTED = (200, 201)
PAN_SLICES = 11
MEDIA_SECONDS = 30
SLICE_MS = 1000


class Phone(threading.Thread):
    """Open the code behind `link` at once; start it when the digits were compared.

    `problem` is empty while all is well, `receipt` true once its film is sealed.
    """

    def __init__(self, base: str, link: str, *, seed: int) -> None:
        super().__init__(daemon=True)
        self.client = Client(base)
        self.seed = seed
        self.senders: list[SegmentSender] = []
        self.chunks_sent = self.chunks_acknowledged = 0
        self.receipt = False
        self.problem = ""
        self._over = threading.Event()
        self._sealing = True
        self._beat_at = self._picture_at = 0.0
        answer = self.client.fill_form(urllib.parse.urlsplit(link).path, {})
        if answer.status not in (302, 303):
            message = f"the phone's code answered {answer.status}"
            raise Unexpected(message)

    @property
    def cross_check(self) -> str:
        """The four digits that this phone shows."""
        return self._ask("state")["companion"]["cross_check"]

    @property
    def repeats(self) -> int:
        return sum(sender.repeats for sender in self.senders)

    def finish(self, *, patience: float) -> None:
        """The exam is over: stop, seal, and return; raises `Unexpected`."""
        self._over.set()
        self.join(patience)
        if self.is_alive():
            self.problem = "the phone did not end"
        if self.problem:
            raise Unexpected(self.problem)

    def leave(self) -> None:
        """Put it down where it is, without sealing."""
        self._sealing = False
        self._over.set()

    def run(self) -> None:
        try:
            self._film()
            if self._sealing:
                self._seal()
        except (Unexpected, NotStored, OSError) as problem:
            self.problem = f"phone: {type(problem).__name__}: {problem}"
        finally:
            self.client.close()

    def _film(self) -> None:
        panned = self._ask("state")["companion"]["panned"]
        if not panned:
            self._record("pan", enough=lambda: self.chunks_sent >= PAN_SLICES)
        self._ask("film", {})
        self._record("rescan" if panned else "film", enough=lambda: False)

    def _record(self, reason: str, *, enough: Callable[[], bool]) -> None:
        """Record in real time, segment after segment, until it is enough."""
        mime, slices = make_segment(MEDIA_SECONDS, audio=False, seed=self.seed % 4)
        while not (self._over.is_set() or enough()):
            state = self._ask("state")
            sender = SegmentSender(
                self.client,
                state["recording"]["code"],
                state["edge_token"],
                mime,
                state["server_ms"],
                reason=reason,
            )
            self.senders.append(sender)
            began = time.monotonic()
            for second, data in enumerate(slices):
                if self._over.is_set() or enough():
                    return
                self.chunks_sent += 1
                sender.send(data, start_ms=second * SLICE_MS, duration_ms=SLICE_MS)
                self.chunks_acknowledged += 1
                self._tell(sender)
                self._over.wait(max(0.0, began + second + 1 - time.monotonic()))

    def _tell(self, sender: SegmentSender) -> None:
        now = time.monotonic()
        if now - self._beat_at >= BEAT_SECONDS:
            self._beat_at = now
            facts = {"battery": 90 - self.seed % 40, "charging": 1, "pending": 0}
            heads = {"companion": sender.told()}
            sender.token = self._ask("beat", {"heads": heads, "facts": facts})[
                "edge_token"
            ]
        if now - self._picture_at >= PICTURE_SECONDS:
            self._picture_at = now
            picture = small_picture("companion", seed=self.seed, turn=self.chunks_sent)
            headers = {"Content-Type": "image/jpeg", "Kaowu-Client": "1"}
            self.client.request(
                "PUT",
                f"{API}/thumbnail",
                data=picture,
                headers=headers,
                label="thumbnail",
            )

    def _seal(self) -> None:
        self._ask("stop", {})
        code = self._ask("state")["recording"]["code"]
        segments = [sender.statement() for sender in self.senders if sender.sent]
        sealed = self._ask(
            "seal", {"recordings": [{"code": code, "segments": segments}]}
        )
        self.receipt = bool(sealed["recordings"][0]["receipt"])
        if not self.receipt:
            message = f"not sealed: {sealed}"
            raise Unexpected(message)

    def _ask(self, path: str, body: dict | None = None) -> dict:
        """Post `body`, or get without one; a phone says so when it is refused."""
        label = f"phone {path}"
        if body is None:
            answer = self.client.get(f"{API}/{path}", label=label)
        else:
            answer = self.client.post_json(f"{API}/{path}", body, label=label)
        if answer.status not in ACCEPTED:
            message = f"{path}: {answer.status} {answer.body[:200]!r}"
            raise Unexpected(message)
        return answer.json
