"""Real processes that start in milliseconds: forked from one that has loaded all.

`start(code, *args, KAOWU_KILL_AT=…)` runs Python text in a process of its own, on the
database and files of the test, with connections and threads of its own. The parent
that forks is started once per test process; it never touches a database itself.
Run as a module this is that parent: one line of JSON in, one line out.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

logger = logging.getLogger(__name__)

LONGEST = 120
ONE_AT_A_TIME = threading.RLock()


@dataclass
class Child:
    """One forked process; `said` is what it printed, once it has been waited for."""

    pid: int
    output: Path
    returncode: int | None = None

    @property
    def said(self) -> str:
        return self.output.read_text("utf-8").strip()

    def wait(self, seconds: float = LONGEST) -> int:
        """Return the exit code, minus the signal for a killed one; -14 when too late."""
        with ONE_AT_A_TIME:
            if self.returncode is None:
                self.returncode = _ask({"wait": self.pid, "seconds": seconds})
        return self.returncode

    def kill(self) -> None:
        with ONE_AT_A_TIME:
            if self.returncode is None:
                os.kill(self.pid, signal.SIGKILL)
                self.wait()


def start(code: str, *args: str, **switches: str) -> Child:
    """Begin to run `code` with `argv` set to the arguments."""
    handle, name = tempfile.mkstemp()
    os.close(handle)
    now = {name: text for name, text in os.environ.items() if name.startswith("KAOWU_")}
    work = {"code": code, "args": args, "switches": now | switches, "output": name}
    return Child(_ask(work), Path(name))


def run(code: str, *args: str, **switches: str) -> tuple[int, str]:
    """Run `code` to its end; return its exit code and what it printed."""
    child = start(code, *args, **switches)
    return child.wait(), child.said


def end() -> None:
    """End the parent, when all tests of this process are done."""
    if _parent.cache_info().currsize:
        parent = _parent()
        parent.kill()
        parent.communicate()
        _parent.cache_clear()


@cache
def _parent() -> subprocess.Popen:
    # Only now is it known which database the test process has made.
    from django.conf import settings

    from tests.builders.processes import child_environment

    return subprocess.Popen(
        [sys.executable, "-m", "tests.builders.forks"],
        cwd=settings.BASE_DIR,
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _ask(work: dict) -> int:
    parent = _parent()
    with ONE_AT_A_TIME:
        print(json.dumps(work), file=parent.stdin, flush=True)
        return int(parent.stdout.readline())


def _serve() -> None:
    import django

    django.setup()
    # What a child would load first; loading opens no connection. Not the edge, which
    # knows its folders from the beginning.
    for name in ("uvicorn", "candidates.tasks", "config.urls"):
        import_module(name)
    for line in sys.stdin:
        work = json.loads(line)
        answer = _wait(work) if "wait" in work else _fork(work)
        print(answer, flush=True)


def _wait(work: dict) -> int:
    # A child that hangs is ended, and its code says so: 14 is SIGALRM.
    signal.signal(signal.SIGALRM, lambda *_: os.kill(work["wait"], signal.SIGALRM))
    signal.setitimer(signal.ITIMER_REAL, work["seconds"])
    try:
        _pid, status = os.waitpid(work["wait"], 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return os.waitstatus_to_exitcode(status)


def _fork(work: dict) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(work["output"], os.O_WRONLY), 1)
        os.environ.update(work["switches"])
        exec(work["code"], {"argv": work["args"]})
        code = 0
    except Exception:
        logger.exception("a forked process failed")
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
