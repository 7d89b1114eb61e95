"""The words of letters: named placeholders in braces, checked and filled; pure.

A placeholder is a name of the list below between braces and nothing else: no
attribute, no format, no template tag. Whatever else stands between braces is refused
with its text, so that nobody receives "Dear {nmae}".
"""

import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from exams.kernel.errors import Refusal

PLACEHOLDERS = {
    "name": _("the candidate's name"),
    "ticket_number": _("the ticket number"),
    "post": _("the post applied for"),
    "room": _("the room"),
    "project": _("the title of the project"),
    "session": _("the title of the session"),
    "date": _("the date of the exam"),
    "sign_in": _("the span of the sign-in"),
    "enter": _("the span in which to enter"),
    "exam": _("the span of the exam"),
    "time_zone": _("the time zone of all times"),
    "mock_window": _("when mock tests may be taken"),
    "hotline": _("the hotline"),
    "hotline_hours": _("the hours of the hotline"),
    "entry_page": _("the address of the entry page"),
}
IN_BRACES = re.compile(r"\{([^{}]*)\}")
SHOWN = 40  # letters of a wrong placeholder that are repeated


class UnknownPlaceholder(Refusal):
    """Facts: `names`, as typed."""

    code = "unknown_placeholder"
    status = 422
    message = _("There is no such placeholder: %(names)s")


class LooseBrace(Refusal):
    """A brace that opens or closes nothing."""

    code = "loose_brace"
    status = 422
    message = _("A brace stands alone. Write placeholders like {name}, and no others.")


class LineBreak(Refusal):
    """A subject is one line, or it could carry other headers."""

    code = "line_break"
    status = 422
    message = _("A subject is one line.")


def check(text: str) -> str:
    """Return the text; raises `UnknownPlaceholder` or `LooseBrace`."""
    unknown = [name for name in IN_BRACES.findall(text) if name not in PLACEHOLDERS]
    if unknown:
        shown = dict.fromkeys(f"{{{name[:SHOWN]}}}" for name in unknown)
        raise UnknownPlaceholder(names=", ".join(shown))
    if set("{}") & set(IN_BRACES.sub("", text)):
        raise LooseBrace
    return text


def check_subject(text: str) -> str:
    """Return the text; raises what `check` does, and `LineBreak`."""
    if len(text.splitlines()) > 1:
        raise LineBreak
    return check(text)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders replaced, each once.

    What a value brings is text: braces in a name are not read again.
    """
    return IN_BRACES.sub(lambda found: values[found[1]], check(text))


def fill_subject(text: str, values: Mapping[str, str]) -> str:
    """Return a filled subject, on one line whatever the values bring."""
    return " ".join(fill(check_subject(text), values).split())
