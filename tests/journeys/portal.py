"""A whole portal of its own for a journey: data folder, keys, database, processes.

On the engine that `DATABASE_URL` names: embedded, or PostgreSQL with a Redis.
"""

import atexit
import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.journeys.services import database_of, redis_on

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
# What three processes take to be ready where the walks' windows were chosen.
USUAL_SECONDS = 4.0
SQLITE = "kaowu.sqlite3"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@functools.cache
def migrated_file() -> Path:
    """Return a database file with all tables; one per test process, made once."""
    folder = Path(tempfile.mkdtemp(prefix="journeys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    portal = Portal(folder)
    portal.manage("keys")
    portal.manage("migrate", "-v0", DATABASE_URL="")
    return folder / SQLITE


class Portal:
    """Runs `manage.py serve` with the real cluster; stops only what it started.

    `pace` says how much slower this machine is than where the windows were chosen.
    """

    pace = 1.0

    def __init__(self, folder: Path, **extra: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("KAOWU_")},
            "DATA": str(folder),
            "SECRET_KEY": "journeys-only",
            "KAOWU_KEYS": str(folder / "keys"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "STATIC_MANIFEST": "0",
            **extra,
        }
        server = self.environment.pop("DATABASE_URL", "")
        self.environment.pop("REDIS_URL", None)
        self.process: subprocess.Popen | None = None
        self._services = contextlib.ExitStack()
        if server.startswith("postgres"):
            self._use_servers(server)

    @property
    def database(self) -> str:
        """The address of the PostgreSQL database; empty on SQLite."""
        return self.environment.get("DATABASE_URL", "")

    @property
    def redis(self) -> str:
        return self.environment.get("REDIS_URL", "")

    def manage(self, *args: str, **extra: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            env={**self.environment, **extra},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def prepare(self, script: str, **facts: object) -> dict:
        """Run a function of `tests/journeys/prepare.py` inside the portal's world."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.journeys.prepare", script, json.dumps(facts)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def found(self) -> None:
        """Make keys and tables: migrated on a server, a copy of such a file otherwise."""
        self.folder.mkdir(exist_ok=True)
        self.manage("keys")
        if self.database:
            self.manage("migrate", "-v0")
        else:
            shutil.copy(migrated_file(), self.folder / SQLITE)

    def start(self) -> None:
        began = time.monotonic()
        log = (self.folder / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(self.port)],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.wait_ready()
        self.pace = max(1.0, (time.monotonic() - began) / USUAL_SECONDS)

    def wait_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError, urllib.error.URLError):
                url = f"http://127.0.0.1:{self.port}/readyz"
                with urllib.request.urlopen(url, timeout=3):
                    return
            assert self.process.poll() is None, self.log()
            time.sleep(0.3)
        raise AssertionError(self.log())

    def stop(self) -> None:
        with self._services:
            if self.process and self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)
                try:
                    self.process.wait(25)
                except subprocess.TimeoutExpired:
                    os.killpg(self.process.pid, signal.SIGKILL)

    def log(self) -> str:
        path = self.folder / "serve.log"
        return path.read_text("utf-8", "replace")[-5000:] if path.exists() else ""

    def _use_servers(self, server: str) -> None:
        enter = self._services.enter_context
        name = f"journey_{self.port}"
        self.environment["DATABASE_URL"] = enter(database_of(server, name))
        folder = self.folder.parent
        self.environment["REDIS_URL"] = enter(redis_on(free_port(), folder))
