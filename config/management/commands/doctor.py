"""`manage.py doctor`: what is present, and what each absence turns off."""

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator

from django.conf import settings
from django.core.management.base import BaseCommand

from candidates.backends import faces, ticket_fonts


class Command(BaseCommand):
    help = "Say what this machine has and what each absence turns off."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        for name, present, off in findings():
            mark = "yes" if present else "no "
            note = "" if present else f"  ({off})"
            self.stdout.write(f"{mark}  {name}{note}")


def findings() -> Iterator[tuple[str, bool, str]]:
    """Yield `(what, present, what its absence turns off)`."""
    yield "PostgreSQL", not settings.EMBEDDED, "SQLite serves; one web process only"
    yield "Redis", bool(settings.REDIS_URL), "in-memory doorbell; one web process only"
    yield "Chromium", bool(shutil.which("chromium")), "browser journeys cannot run"
    yield "Node", bool(shutil.which("node")), "JavaScript tests cannot run"
    yield "Chinese fonts", _has_fonts(), "printed pages may lack characters"
    font_off = "no admission ticket is made; Debian's fonts-noto-cjk has the font"
    yield "Ticket font", ticket_fonts.readable(), font_off
    yield "E-mail", bool(settings.EMAIL_URL), "no letter is sent; set EMAIL_URL"
    yield "PyAV", importlib.util.find_spec("av") is not None, "no archive is made"
    faces_off = "`make faces` installs it; staff decide every check-in"
    yield "Face comparison", faces.backend().available, faces_off


def _has_fonts() -> bool:
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(
        ["fc-list", ":lang=zh"], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip())
