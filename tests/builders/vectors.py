"""Published examples that every implementation has to agree with."""

import json
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "vectors"


def read_vectors(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
