"""What a child process needs to work on the database and the files of a test."""

import os

from django.conf import settings
from django.db import connection


def child_environment(**more: str) -> dict[str, str]:
    """Return the environment of a child that shares this test's database and data."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DATA": str(settings.DATA),
        **more,
    }


def database_url() -> str:
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return (
        f"postgres://{found['USER']}:{found['PASSWORD']}@{found['HOST']}"
        f":{found['PORT'] or 5432}/{found['NAME']}"
    )
