"""Events against the shapes that their floors declare."""

from typing import get_type_hints

from candidates.events import TYPES as OF_CANDIDATES
from exams.events import TYPES as OF_EXAMS
from exams.models import Event
from helpdesk.events import TYPES as OF_HELPDESK
from proctoring.events import TYPES as OF_PROCTORING

DECLARED = {**OF_EXAMS, **OF_CANDIDATES, **OF_PROCTORING, **OF_HELPDESK}


def misshapen_events() -> list[tuple[str, dict]]:
    """Return every stored event whose payload is none of its declared shapes."""
    return [
        (type_, payload)
        for type_, payload in Event.objects.values_list("type", "payload")
        if not any(_fits(payload, shape) for shape in DECLARED.get(type_, ()))
    ]


def _fits(payload: dict, shape: type) -> bool:
    hints = get_type_hints(shape)
    return payload.keys() == hints.keys() and all(
        isinstance(payload[name], getattr(hint, "__origin__", hint))
        for name, hint in hints.items()
    )
