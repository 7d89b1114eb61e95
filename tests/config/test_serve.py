"""What `serve` started, it stops: also when it is told twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

PATIENCE = 30
NAMES = ("one", "two")
# Two children that take their time to end, as a worker amid a job does.
PROGRAM = """
import sys
import django
django.setup()
from config.management.commands import serve

SLOW = (
    "import signal, sys, time, pathlib;"
    "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(1.5), sys.exit()));"
    "pathlib.Path(sys.argv[1]).write_text('up');"
    "time.sleep(60)"
)
with serve.Serve("127.0.0.1", "0") as family:
    family.commands = {
        name: [sys.executable, "-c", SLOW, f"{sys.argv[1]}/{name}"]
        for name in ("one", "two")
    }
    family.revive()
    print(*(child.pid for child in family.children.values()), flush=True)
    family.keep()
"""


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def wait_for(condition) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_second_interrupt_leaves_no_child_behind(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATA": str(tmp_path / "data"), "DATABASE_URL": ""},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        children = [int(pid) for pid in server.stdout.readline().split()]
        assert len(children) == 2
        assert wait_for(lambda: all((tmp_path / name).exists() for name in NAMES))

        server.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        server.send_signal(signal.SIGINT)
        code = server.wait(PATIENCE)

    assert code == 0
    assert wait_for(lambda: not any(map(is_alive, children)))
