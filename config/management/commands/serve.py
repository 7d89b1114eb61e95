"""`manage.py serve`: web, worker and sweep together, until Ctrl-C."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

STOP_SECONDS = 15
RESTART_PAUSE = 1.0
STOPS = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    help = "Serve the portal: one web process, one worker cluster and the sweep."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", default=os.environ.get("PORT", "8000"))

    def handle(self, *args: object, **options: object) -> None:
        with Serve(options["host"], options["port"]) as family:
            family.keep()


class Family:
    """Child processes that are restarted when they die and stopped together."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.commands = commands
        self.children: dict[str, subprocess.Popen] = {}
        self.once: list[subprocess.Popen] = []

    def keep(self) -> None:
        """Keep every child alive until interrupted."""
        while True:
            self.revive()
            time.sleep(RESTART_PAUSE)

    def revive(self) -> None:
        for name, command in self.commands.items():
            child = self.children.get(name)
            if child is None or child.poll() is not None:
                self.children[name] = self._start(command)

    def add_once(self, name: str, command: list[str]) -> None:
        """Start a child that ends by itself; its output goes to a log file."""
        log = (settings.DATA / f"{name}.log").open("ab")
        self.once.append(self._start(command, stdout=log, stderr=log))

    def stop(self) -> None:
        children = [*self.once, *self.children.values()]
        for child in children:
            if child.poll() is None:
                # Not SIGINT: a child of a background shell is deaf to it.
                child.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for child in children:
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def _start(self, command: list[str], **streams: object) -> subprocess.Popen:
        # A session of its own: Ctrl-C reaches the children through `stop` only.
        return subprocess.Popen(
            command, cwd=settings.BASE_DIR, start_new_session=True, **streams
        )


class Serve:
    """The three processes of a server, as a context: whoever leaves it stops them."""

    def __init__(self, host: str, port: str) -> None:
        self.family = Family(
            {
                "web": web_command(host, port),
                "worker": [sys.executable, "manage.py", "qcluster"],
                "sweep": [sys.executable, "manage.py", "sweep"],
            }
        )
        self.lock = None

    def __enter__(self) -> Family:
        if settings.EMBEDDED:
            self.lock = take_lock(settings.DATA / "serve.lock")
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        # Said aloud: a shell that starts us in the background ignores Ctrl-C for us.
        for number in STOPS:
            signal.signal(number, _interrupt)
        return self.family

    def __exit__(self, kind, problem, trace) -> bool:
        self.family.stop()
        if self.lock:
            self.lock.close()
        return kind is KeyboardInterrupt


def take_lock(path: Path) -> TextIO:
    """Embedded mode has one web process: a second one refuses to boot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("w", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        message = f"another server already uses {path.parent}"
        raise CommandError(message) from None
    return handle


def web_command(host: str, port: str) -> list[str]:
    """Return the one command line that serves HTTP and sockets."""
    uvicorn = str(Path(sys.executable).with_name("uvicorn"))
    return [
        *(uvicorn, "config.asgi:application", "--host", str(host), "--port", str(port)),
        *("--lifespan", "off", "--no-access-log", "--log-level", "warning"),
        *("--ws-max-size", "65536", "--timeout-keep-alive", "65"),
        *("--proxy-headers",) * bool(settings.TRUSTED_PROXIES),
    ]


def _interrupt(signum: int, frame: object) -> None:
    # Once is enough: a second one would cut the stopping short and leave children.
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
