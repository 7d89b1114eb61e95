"""The two families of errors.

A `Refusal` is expected: it is translated, tells the user what to do, has a stable
`code`, an HTTP status and data. A `Fault` must never happen: English, logged, 500.
"""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """An expected no. Subclasses set `code`, `status` and `message`.

    `message` may hold named placeholders, filled from the keyword arguments, which
    also travel to the client as `facts`.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message = _("This is not possible now.")

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message) % self.facts


class Conflict(Refusal):
    """Somebody else changed the row first; look again and decide again."""

    code = "conflict"
    message = _("Someone changed this a moment ago. Look at it again.")


class WindowClosed(Refusal):
    """The act has a window and this instant is not inside it."""

    code = "window_closed"
    message = _("This is not open at this time.")


class IllegalMove(Refusal):
    """The state machine has no such move from the present state."""

    code = "illegal_move"
    message = _("This step is not possible from the present state.")


class NotAllowed(Refusal):
    """The person has no right to do this."""

    code = "not_allowed"
    status = 403
    message = _("Your account may not do this.")


class NotFound(Refusal):
    """There is no such thing, or it is not the asker's to know."""

    code = "not_found"
    status = 404
    message = _("There is nothing here.")


class BadInput(Refusal):
    """What was sent has the wrong shape or value; nothing was changed."""

    code = "bad_input"
    status = 422
    message = _("Please check what was sent: %(reason)s")


class Fault(Exception):
    """Something that must never happen. Never shown to a user in words."""
