"""Real server processes on the test's database, to be killed at will."""

import http.client
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.builders import forks
from tests.builders.asgi import Call

SERVE = """
from pathlib import Path
import uvicorn
from django.conf import settings
settings.RECORDINGS_ROOT = Path(argv[1])
uvicorn.run(
    "config.asgi:application",
    host="127.0.0.1",
    port=int(argv[0]),
    lifespan="off",
    log_level="warning",
)
"""
BOOT_SECONDS = 40
CALL_SECONDS = 20


@dataclass
class Server:
    """One uvicorn process with a data folder of the test's choice."""

    data: Path
    switches: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: forks.Child | None = None

    def __enter__(self) -> "Server":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = forks.start(
            SERVE, str(self.port), str(self.data / "recordings"), **self.switches
        )
        self._await_boot()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self.process.kill()

    def died_by_itself(self) -> bool:
        """Wait for the armed point to end the process; False when it lives on."""
        return self.process.wait(CALL_SECONDS) == -signal.SIGKILL

    def send(self, call: Call) -> int:
        """Return the status of one request, 0 when there was no whole answer."""
        caller = http.client.HTTPConnection("127.0.0.1", self.port, CALL_SECONDS)
        try:
            caller.request(
                call.method, call.path, b"".join(call.pieces), dict(call.headers)
            )
            reply = caller.getresponse()
            reply.read()
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            caller.close()
        return reply.status

    def _await_boot(self) -> None:
        give_up = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < give_up:
            if self.send(Call("GET", "/api/v1/recordings/")):
                return
            time.sleep(0.05)
        self.kill()
        message = "the server did not boot"
        raise AssertionError(message)
