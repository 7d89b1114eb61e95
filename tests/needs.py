"""Names what the suite needs and this machine lacks; in CI an absence is a failure."""

import os
import shutil
import socket
import sys
from urllib.parse import urlsplit


def absences() -> list[str]:
    missing = []
    if not shutil.which("node"):
        missing.append("node: the JavaScript tests cannot run")
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


if __name__ == "__main__":
    found = absences()
    for line in found:
        print(f"missing  {line}", file=sys.stderr)
    if found and os.environ.get("CI") == "true":
        sys.exit(1)
