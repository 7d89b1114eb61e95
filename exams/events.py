"""The events of this floor: who hears of what, and what each one carries.

An event is a row of a topic and never the letter itself: it says that something moved,
and the page asks for the rest. `<code>` is an attempt's or a session's random code.
"""

from typing import TypedDict

Moved = TypedDict("Moved", {"from": str, "to": str})
Moved.__doc__ = "`attempt.moved` on `attempt:<code>`, `session.moved` on its session."


class NumberDrawn(TypedDict):
    """`draw.number_drawn` on `attempt:<code>`."""

    number: int


class DrawClosed(TypedDict):
    """`draw.closed` on `session:<code>`; `auto` numbers were dealt by the system."""

    auto: int


class ResultReleased(TypedDict):
    """`result.released` on `attempt:<code>`."""


class ResultTurned(TypedDict):
    """`result.voided` and `result.restored` on `attempt:<code>`."""


TYPES: dict[str, tuple[type, ...]] = {
    "attempt.moved": (Moved,),
    "session.moved": (Moved,),
    "draw.number_drawn": (NumberDrawn,),
    "draw.closed": (DrawClosed,),
    "result.released": (ResultReleased,),
    "result.voided": (ResultTurned,),
    "result.restored": (ResultTurned,),
}
