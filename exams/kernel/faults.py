"""Named kill points and sabotage switches, for tests of what survives.

`reach("chunk.after_fsync")` does nothing unless `KAOWU_KILL_AT` names that point;
then the process dies as by SIGKILL. `sabotaged("ack_early")` is true only when
`KAOWU_SABOTAGE` lists it: each switch disables one guard, and a test proves that
the suite turns red. Settings refuse both variables in production.
"""

import os
import signal


def reach(point: str) -> None:
    """Die here, hard, if this point is armed."""
    if os.environ.get("KAOWU_KILL_AT") == point:
        os.kill(os.getpid(), signal.SIGKILL)


def sabotaged(guard: str) -> bool:
    """Return whether this guard is switched off on purpose."""
    return guard in os.environ.get("KAOWU_SABOTAGE", "").split(",")
