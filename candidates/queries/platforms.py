"""Which kind of computer a browser says it is on, and whether it may be used (R25).

Pure. A browser that does not say, or says something unknown, counts as unverified and
passes: a page cannot look behind what it is told.
"""

from django.utils.translation import gettext_lazy as _

from candidates.models import DeviceLease
from exams.enums import Platform
from exams.kernel.errors import Refusal
from exams.models import Session

MOBILE = "mobile"
UNKNOWN = "unknown"
LABELS = {**dict(Platform.choices), MOBILE: _("phone or tablet"), UNKNOWN: ""}
# In this order: what a phone says of itself names a computer too.
_MARKS = (
    ("Android", MOBILE),
    ("iPhone", MOBILE),
    ("iPad", MOBILE),
    ("CrOS", Platform.CHROMEOS),
    ("Windows NT", Platform.WINDOWS),
    ("Macintosh", Platform.MACOS),
    ("Linux", Platform.LINUX),
)


class ComputerNotAllowed(Refusal):
    """Facts: `platform` as the browser reports it, `allowed` in words."""

    code = "computer_not_allowed"
    status = 422
    message = _(
        "This computer is not allowed here: its browser reports %(platform)s, and the "
        "session allows %(allowed)s. Go on with another computer, or ask for help."
    )


def platform_of(device: str) -> str:
    """Return the platform of a User-Agent: of `Platform`, `mobile` or `unknown`."""
    found = (str(platform) for mark, platform in _MARKS if mark in device)
    return next(found, UNKNOWN)


def platforms_in_words(session: Session) -> str:
    """Return the names of the allowed computers, with commas."""
    return ", ".join(Platform(one).label for one in session.allowed_platforms)


def computer_refusal(lease: DeviceLease) -> ComputerNotAllowed | None:
    """Return why the lease's computer may not be used in its session, or None.

    A session that allows every computer asks nothing.
    """
    session, platform = lease.attempt.session, platform_of(lease.device)
    allowed = session.allowed_platforms
    is_open = not allowed or set(Platform.values) <= set(allowed)
    if is_open or platform in (*allowed, UNKNOWN):
        return None
    return ComputerNotAllowed(
        platform=str(LABELS[platform]), allowed=platforms_in_words(session)
    )
