"""`make bench NAMES="chunk"`: measure, print a table, write `var/bench.json`.

Every figure is measured in one run beside its peer and its limit and is worth
something only as their ratio. Without names, everything that is here is measured.
"""

import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
REPORT = ROOT / "var" / "bench.json"


def names() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def show(rows: list[dict]) -> None:
    columns = ("name", "value", "unit", "peer", "goal", "holds")
    table = [columns, *([str(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[n]) for line in table) for n in range(len(columns))]
    for line in table:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def keep(rows: list[dict]) -> None:
    """Replace the figures of these names, keep those of other runs."""
    REPORT.parent.mkdir(exist_ok=True)
    old = json.loads(REPORT.read_text("utf-8")) if REPORT.exists() else []
    measured = {row["name"] for row in rows}
    kept = [row for row in old if row["name"] not in measured]
    text = json.dumps(kept + rows, ensure_ascii=False, indent=1)
    REPORT.write_text(text + "\n", "utf-8")


def main(wanted: list[str]) -> int:
    sys.path.insert(0, str(ROOT))
    unknown = set(wanted) - set(names())
    if unknown:
        print(f"no such bench: {', '.join(sorted(unknown))}; there are: {names()}")
        return 2
    rows = []
    for name in wanted or names():
        rows += importlib.import_module(f"tests.bench.bench_{name}").measure()
    print()
    show(rows)
    keep(rows)
    return 0 if not any(row["holds"] is False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
