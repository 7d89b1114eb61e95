"""What a bench stands on: a database of its own, pinned servers, CPU accounts."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg
from django.core.management import call_command
from psycopg import sql

from exams.kernel import keys

ROOT = Path(__file__).parents[2]
DATA = ROOT / "var" / "bench"
SERVER_CORE, LOAD_CORE = 0, 1
TICKS = os.sysconf("SC_CLK_TCK")
DEFAULT = "postgres://root@127.0.0.1:5432/postgres"


class Stage:
    """A PostgreSQL database and a data folder that go with the bench."""

    def __init__(self) -> None:
        found = os.environ.get("DATABASE_URL", "")
        self._server = found if found.startswith("postgres") else DEFAULT
        self.name = f"kaowu_bench_{os.getpid()}"
        self.url = self._server.rpartition("/")[0] + f"/{self.name}"

    def __enter__(self) -> "Stage":
        with self._administer() as connection:
            connection.execute(self._statement("CREATE DATABASE {}"))
        os.environ |= {
            "DATABASE_URL": self.url,
            "DATA": str(DATA),
            "KAOWU_KEYS": str(DATA / "keys"),
            "SECRET_KEY": "bench-only",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        keys.create_missing(DATA / "keys")
        django.setup()
        call_command("migrate", verbosity=0)
        return self

    def __exit__(self, *_: object) -> None:
        with self._administer() as connection:
            connection.execute(self._statement("DROP DATABASE {} WITH (FORCE)"))
        shutil.rmtree(DATA, ignore_errors=True)

    def _administer(self) -> psycopg.Connection:
        return psycopg.connect(self._server, autocommit=True)

    def _statement(self, text: str) -> sql.Composed:
        return sql.SQL(text).format(sql.Identifier(self.name))

    @contextmanager
    def server(self, application: str, **environment: str) -> Iterator["Server"]:
        """Run uvicorn on the server's core until the block ends."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            [
                *("taskset", "-c", str(SERVER_CORE)),
                *(sys.executable, "-W", "ignore", "-m", "uvicorn", application),
                *("--host", "127.0.0.1", "--port", str(port), "--lifespan", "off"),
                *("--no-access-log", "--log-level", "warning"),
            ],
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        try:
            _await_port(port, process)
            yield Server(self, port, process.pid)
        finally:
            process.terminate()
            process.wait(20)

    def backends(self) -> list[int]:
        """Return the process ids that serve this database."""
        with self._administer() as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s", [self.name]
            )
            return [row[0] for row in rows]


class Server:
    """A running server; `cpu` is its own account plus its database backends'."""

    def __init__(self, stage: Stage, port: int, pid: int) -> None:
        self.port = port
        self._stage = stage
        self._pid = pid

    def cpu(self) -> tuple[float, float]:
        """Return CPU seconds used so far by the server and by the database."""
        return _cpu(self._pid), sum(map(_cpu, self._stage.backends()))


def _cpu(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/stat").read_text("ascii")
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _await_port(port: int, process: subprocess.Popen) -> None:
    give_up = time.monotonic() + 40
    while time.monotonic() < give_up and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    message = "the server did not boot"
    raise RuntimeError(message)
