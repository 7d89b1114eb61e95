"""What a synthetic browser keeps on disk: its cookies and what it has recorded.

A real browser that is closed and opened again still holds both; without them a
second run would be a stranger on another computer.
"""

import json
from pathlib import Path

Statement = dict[str, object]


class Memory:
    """One file per person; `path=None` forgets everything, as a private window."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.cookies: dict[str, str] = {}
        self.segments: list[tuple[str, Statement]] = []
        if path and path.exists():
            kept = json.loads(path.read_text("utf-8"))
            self.cookies = kept["cookies"]
            self.segments = [(code, segment) for code, segment in kept["segments"]]

    def keep(self, cookies: dict[str, str], *, running: list[tuple]) -> None:
        """Replace the file at once; `running` are statements of open segments."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"cookies": cookies, "segments": [*self.segments, *running]}
        work = self.path.with_suffix(".new")
        work.write_text(json.dumps(kept), "utf-8")
        work.chmod(0o600)
        work.replace(self.path)
