"""The confirm pages of a letter: send, discard, stop, go on, try the failed again."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from candidates.domain.mailings import (
    discard_mailing,
    go_on_mailing,
    retry_mailing,
    send_mailing,
    stop_mailing,
)
from candidates.enums import MailingState, RecipientState
from candidates.models import Mailing
from candidates.queries.mailings import (
    counts_of,
    is_allowed,
    is_configured,
    reach_of,
)
from exams.admin.steps import Step, Text

WAITING = ngettext_lazy("%(count)s letter waits.", "%(count)s letters wait.", "count")
FAILED = ngettext_lazy(
    "%(count)s letter has failed.", "%(count)s letters have failed.", "count"
)
WRITTEN_BEFORE = ngettext_lazy(
    "%(count)s of them got a letter of this template before.",
    "%(count)s of them got a letter of this template before.",
    "count",
)
UNKNOWN = ngettext_lazy(
    "%(count)s letter may have been sent and is not sent again.",
    "%(count)s letters may have been sent and are not sent again.",
    "count",
)


def _reached(row: Mailing) -> Text:
    reach = reach_of(row)
    return _(
        "Letters to send: %(addressed)s. People without an e-mail address, who get "
        "none: %(without)s."
    ) % {"addressed": reach.addressed, "without": reach.without}


def _waiting(row: Mailing) -> Text:
    return WAITING % {"count": counts_of(row)[RecipientState.WAITING]}


def _failed(row: Mailing) -> Text:
    return FAILED % {"count": counts_of(row)[RecipientState.FAILED]}


def _way(row: Mailing, at: datetime) -> list:
    found = []
    if not is_configured():
        found.append(_("This server cannot send mail yet: EMAIL_URL is not set."))
    if not is_allowed(row.session):
        found.append(_("Letters to the candidates of this session are not allowed."))
    return found


def _before_sending(row: Mailing, at: datetime) -> list:
    before = reach_of(row).before
    return [*_way(row, at), *([WRITTEN_BEFORE % {"count": before}] if before else [])]


def _before_retrying(row: Mailing, at: datetime) -> list:
    unknown = counts_of(row)[RecipientState.UNKNOWN]
    return [*_way(row, at), *([UNKNOWN % {"count": unknown}] if unknown else [])]


STEPS = (
    Step(
        name="send",
        title=_("Send the letters"),
        effect=_(
            "Each of these people gets the letter once, in the background, as fast as "
            "the server's limit allows. You may leave the page."
        ),
        final=_("A letter that was sent cannot be called back."),
        done=_("The letters are being sent."),
        act=lambda row, by, at, reason: send_mailing(row, by=by, at=at),
        fits=lambda row: row.state == MailingState.DRAFT,
        extent=_reached,
        cautions=_before_sending,
        tone="warn",
    ),
    Step(
        name="discard",
        title=_("Discard the draft"),
        effect=_("Nobody gets this letter."),
        final=_("The draft stays on the list, as discarded."),
        done=_("The draft is discarded."),
        act=lambda row, by, at, reason: discard_mailing(row, by=by, at=at),
        fits=lambda row: row.state == MailingState.DRAFT,
        extent=_reached,
    ),
    Step(
        name="stop",
        title=_("Stop sending"),
        effect=_("No further letter of this mailing leaves."),
        final=_("What was sent stays sent. You can go on later."),
        done=_("The sending is stopped."),
        act=lambda row, by, at, reason: stop_mailing(row, by=by, at=at),
        fits=lambda row: row.state == MailingState.SENDING,
        extent=_waiting,
        tone="warn",
    ),
    Step(
        name="go-on",
        title=_("Go on sending"),
        effect=_("The letters that still wait are sent."),
        final=_("A letter that was sent cannot be called back."),
        done=_("The letters are being sent."),
        act=lambda row, by, at, reason: go_on_mailing(row, by=by, at=at),
        fits=lambda row: row.state == MailingState.STOPPED,
        extent=_waiting,
        cautions=_way,
    ),
    Step(
        name="retry",
        title=_("Try the failed ones again"),
        effect=_(
            "Letters that the mail server refused are sent again, to the addresses "
            "that the roster has now. Nobody who got one gets another."
        ),
        final=_("A letter that was sent cannot be called back."),
        done=_("The failed letters are being sent again."),
        act=lambda row, by, at, reason: retry_mailing(row, by=by, at=at),
        fits=lambda row: row.state == MailingState.FINISHED,
        extent=_failed,
        cautions=_before_retrying,
    ),
)
