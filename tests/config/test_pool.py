"""A web process takes its database connections from a pool of a fixed size."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
# Twelve threads that each read in a transaction; every thread tells its server process.
ASK = """
import threading
import config.asgi
from django.db import connection, transaction
told = []
def ask():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.05)")
        told.append(cursor.fetchone()[0])
    connection.close()
threads = [threading.Thread(target=ask) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
connection.close_pool()
print(len(told), len(set(told)))
"""
TELL = """
import django, sys
if sys.argv[1] == "web": import config.asgi
else: django.setup()
from django.db import connection
import os
assert "KAOWU_PROCESS" not in os.environ
print(connection.settings_dict["OPTIONS"].get("pool"))
"""


def run(script, *args, **extra):
    done = subprocess.run(
        [sys.executable, "-c", script, *args],
        cwd=ROOT,
        env={
            **os.environ,
            "SECRET_KEY": "tests-only",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **extra,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.strip(), done.stderr


@pytest.mark.parametrize(
    ("process", "told"),
    [("web", "{'min_size': 1, 'max_size': 7, 'timeout': 10}"), ("worker", "None")],
)
def test_only_a_web_process_has_a_pool(process, told):
    url = "postgres://nobody@127.0.0.1:1/none"

    code, said, error = run(TELL, process, DATABASE_URL=url, DATABASE_POOL="7")

    assert (code, said) == (0, told), error


def test_pool_too_small_for_the_threads_that_stay_is_refused():
    url = "postgres://nobody@127.0.0.1:1/none"

    code, _said, error = run(TELL, "web", DATABASE_URL=url, DATABASE_POOL="1")

    assert code != 0
    assert "DATABASE_POOL must be a whole number from 4 to 1000" in error


def test_embedded_database_has_no_pool():
    assert run(TELL, "web", DATABASE_URL="")[:2] == (0, "None")


if not settings.EMBEDDED:

    def test_more_threads_than_connections_wait_for_their_turn():
        code, said, error = run(ASK, DATABASE_POOL="4")

        assert code == 0, error
        asked, connections = map(int, said.split())
        assert asked == 12
        assert connections <= 4
