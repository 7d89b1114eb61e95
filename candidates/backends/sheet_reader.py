"""A process of its own that turns a workbook into rows, within hard limits.

`python -I sheet_reader.py <sheet index> <bytes of memory> <seconds of CPU>`: the file
comes in on stdin, batches of rows go out on stdout by `marshal`, each after its length.
What a small hostile workbook can make a reader allocate (a string of a megabyte in
a million cells, a grid to the far corner) ends this process, never the server (AC-48).
Knows nothing of the project and imports none of it, so that it starts in no time.
"""

import io
import marshal
import resource
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

BATCH = 2000
LENGTH_BYTES = 4
LOCKED, UNREADABLE = 3, 4
PLAIN = (str, int, float, bool)


def main(index: int, memory: int, seconds: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            del data
            # From A1 on, so that an index is a line and a column of the file.
            sheet = book.get_sheet_by_index(index)
            for batch in batches(sheet):
                send(batch)
    except PasswordError:
        return LOCKED
    except (CalamineError, OSError, ValueError, IndexError):
        return UNREADABLE
    send([])
    return 0


def batches(sheet):
    """Yield lists of rows; a date or a duration is `(text,)`, which no cell is."""
    if not sheet.start:
        return
    batch = [[] for _ in range(sheet.start[0])]
    left = [""] * sheet.start[1]
    for row in sheet.iter_rows():
        batch.append(left + [plain(cell) for cell in row])
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def plain(cell):
    if isinstance(cell, PLAIN):
        return cell
    if isinstance(cell, date | datetime | time | timedelta):
        return (str(cell),)
    return str(cell)


def send(batch) -> None:
    packed = marshal.dumps(batch)
    sys.stdout.buffer.write(len(packed).to_bytes(LENGTH_BYTES, "big") + packed)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
