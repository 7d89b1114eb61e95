"""Names what the suite needs and this machine lacks; in CI an absence is a failure.

Portraits for the face tests are never shipped: their absence is named and no failure.
"""

import importlib.util
import os
import shutil
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

FACES = Path(__file__).resolve().parents[2] / "shared" / "faces"
TICKET_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


def absences() -> list[str]:
    missing = []
    if not shutil.which("node"):
        missing.append("node: the JavaScript tests cannot run")
    if not TICKET_FONT.exists():
        missing.append("fonts-noto-cjk: admission tickets cannot be printed")
    if os.environ.get("BROWSER", "1") == "1" and not shutil.which("chromium"):
        missing.append("chromium: the browser tests cannot run")
    for name, port in (("DATABASE_URL", 5432), ("REDIS_URL", 6379)):
        url = os.environ.get(name, "")
        if "://" not in url or url.startswith("sqlite"):
            continue
        parts = urlsplit(url)
        try:
            address = (parts.hostname or "127.0.0.1", parts.port or port)
            socket.create_connection(address, timeout=3).close()
        except OSError as problem:
            missing.append(f"{name}: nobody answers at {address} ({problem})")
    return missing


def faces_missing() -> list[str]:
    """Return what the tests of the real face comparison lack."""
    missing = [
        f"{name}: the real face comparison is not tested (`make faces`)"
        for name in ("dlib", "face_recognition_models")
        if importlib.util.find_spec(name) is None
    ]
    if not (FACES / "obama.jpg").exists():
        missing.append("../shared/faces: the real face comparison is not tested")
    return missing


if __name__ == "__main__":
    found = absences()
    for line in found + faces_missing():
        print(f"missing  {line}", file=sys.stderr)
    if found and os.environ.get("CI") == "true":
        sys.exit(1)
