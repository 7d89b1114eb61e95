"""Who is being added to a frozen session, as a screen may show it."""

import json

from candidates.models import Enrolment, Latecomer
from candidates.queries.roster import FIELD_NAMES, masked


def person_lines(latecomer: Latecomer) -> list[tuple[str, str]]:
    """Return `(name of the field, masked text)` of who was asked for, or is enrolled.

    Once enrolled the person is the roster's; what was typed is gone.
    """
    if latecomer.person:
        typed = json.loads(latecomer.person)
    else:
        enrolment = Enrolment.objects.select_related("candidate", "attempt__room").get(
            attempt=latecomer.attempt_id
        )
        typed = {
            name: getattr(enrolment.candidate, name, "") for name in FIELD_NAMES
        } | {"room": str(enrolment.attempt.room or "")}
    return [
        (str(name), masked(field, typed[field]))
        for field, name in FIELD_NAMES.items()
        if typed.get(field)
    ]
