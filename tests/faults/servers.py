"""Real server processes on the test's database, to be killed at will."""

import http.client
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.builders.asgi import Call
from tests.builders.processes import database_url

ROOT = Path(__file__).parents[2]
BOOT_SECONDS = 40
CALL_SECONDS = 20


@dataclass
class Server:
    """One uvicorn process with a data folder of the test's choice."""

    data: Path
    switches: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen | None = None

    def __enter__(self) -> "Server":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {
            **os.environ,
            "DATA": str(self.data),
            "DATABASE_URL": database_url(),
            **self.switches,
        }
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "config.asgi:application"),
                *("--host", "127.0.0.1", "--port", str(self.port)),
                *("--lifespan", "off", "--log-level", "warning"),
            ],
            cwd=ROOT,
            env=environment,
        )
        self._await_boot()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def died_by_itself(self) -> bool:
        """Wait for the armed point to end the process; False when it lives on."""
        try:
            return self.process.wait(CALL_SECONDS) == -9
        except subprocess.TimeoutExpired:
            return False

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
        while self.process.poll() is None and time.monotonic() < give_up:
            if self.send(Call("GET", "/api/v1/recordings/")):
                return
            time.sleep(0.05)
        self.kill()
        message = "the server did not boot"
        raise AssertionError(message)
