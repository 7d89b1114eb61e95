"""What a journey asks of an archived film: which counters does it show, and when.

The browser's fake camera plays a film whose pictures carry their own number; the
archive is decoded and the numbers are read back. A missing stretch shows as a jump
that no clock, ledger or log had a hand in.
"""

from pathlib import Path

import av

from candidates.simulation.media import read_counter, write_fake_camera_y4m

__all__ = ["counters_of", "largest_jump", "steps_of", "write_fake_camera_y4m"]


def counters_of(path: Path) -> list[tuple[int, int]]:
    """Decode every picture; return `(milliseconds, counter)` of the readable ones."""
    found = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            number = read_counter(frame)
            if number is not None:
                found.append((round(frame.time * 1000), number))
    return found


def steps_of(counters: list[tuple[int, int]], *, loop: int | None = None) -> list[int]:
    """Return how far the counter moves from each picture to the next.

    `loop` is the number of pictures in the camera's film, which starts over.
    """
    steps = [
        after - before
        for (_, before), (_, after) in zip(counters, counters[1:], strict=False)
    ]
    return [step % loop for step in steps] if loop else steps


def largest_jump(counters: list[tuple[int, int]], *, loop: int | None = None) -> int:
    """Return the most camera pictures that pass between two archived pictures.

    1 means that nothing is missing. Raises `ValueError` with fewer than two.
    """
    steps = steps_of(counters, loop=loop)
    if not steps:
        message = "fewer than two readable counters"
        raise ValueError(message)
    return max(steps)
