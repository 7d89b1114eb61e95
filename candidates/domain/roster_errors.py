"""Why a roster file cannot be taken as a whole, and the limits that it is held to.

Pure: refusals and numbers. Every limit is checked before what it bounds is done.
"""

import time

from django.utils.translation import gettext_lazy as _

from exams.kernel.errors import Refusal

MAX_ROWS = 100_000
MAX_COLUMNS = 64
MAX_CELLS = 1_200_000
MAX_SECONDS = 20
MAX_WAIT = 90


class RosterUnreadable(Refusal):
    """The file as a whole cannot be taken; nothing of it was kept."""

    code = "roster_unreadable"
    status = 422
    message = _("This file cannot be read as a roster.")


class WrongType(RosterUnreadable):
    code = "roster_wrong_type"
    message = _("Only .xlsx and .csv files are rosters; this file is something else.")


class TooLarge(RosterUnreadable):
    code = "roster_too_large"
    status = 413
    message = _("The file is too large: at most %(limit)s %(unit)s.")

    ROWS = _("rows")
    COLUMNS = _("columns")
    CELLS = _("cells")
    FORMULAS = _("formulas")


class Suspicious(RosterUnreadable):
    code = "roster_suspicious"
    message = _("The file unpacks to far more than its size. It was not opened.")


class Unusual(RosterUnreadable):
    code = "roster_unusual"
    message = _(
        "The workbook is built in an unusual way. Open it in a spreadsheet program, "
        "save it again as .xlsx and upload that."
    )


class TooSlow(RosterUnreadable):
    code = "roster_too_slow"
    message = _(
        "Reading the file takes too long. Copy the rows into a new workbook and "
        "upload that."
    )


class Empty(RosterUnreadable):
    code = "roster_empty"
    message = _("The first sheet is empty: it needs a header and at least one row.")


class Locked(RosterUnreadable):
    code = "roster_locked"
    message = _("The file has a password. Save it without one and upload it again.")


class UnknownEncoding(RosterUnreadable):
    code = "roster_unknown_encoding"
    message = _("The text encoding is unknown. Save the file as CSV UTF-8 or .xlsx.")


class Deadline:
    """The time that one file may take; `check` raises `TooSlow` after it.

    Seconds of CPU, because a busy machine is not the file's fault; what waits for
    something else ends after `MAX_WAIT`.
    """

    def __init__(self) -> None:
        self._cpu = time.thread_time() + MAX_SECONDS
        self._wall = time.monotonic() + MAX_WAIT

    def left(self) -> float:
        """Return the seconds that may still be waited, never less than none."""
        return max(0.0, self._wall - time.monotonic())

    def check(self) -> None:
        """Raise `TooSlow` when the time is over."""
        if time.thread_time() > self._cpu or not self.left():
            raise TooSlow
