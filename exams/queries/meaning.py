"""What the settings of a session mean, in sentences; pure, no row is read or written.

The form while it is typed, the saved session and the dashboard show the same text.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exams.domain.local_times import offset_of, zone_named
from exams.domain.schedule import Schedule
from exams.enums import (
    DisplayPolicy,
    FocusPolicy,
    GroupCorrection,
    HeadphonePolicy,
    IdentityMethod,
    Platform,
    SessionKind,
    Stage,
)
from exams.models import Session

MINUTE, HOUR = 60, 3600


def meaning_of(session: Session) -> list[str]:
    """Return the sentences, the one that matters most first (R10–R19)."""
    if session.kind == SessionKind.MOCK:
        return _of_mock(session)
    return [summary_of(session), *_details(session)]


def summary_of(session: Session) -> str:
    """Return the one sentence of a formal session: sign-in, countdown page, entry."""
    times = _times(session)
    if times["login_closes"] == times["entry_closes"]:
        return (
            _(
                "Candidates sign in %(login_opens)s–%(login_closes)s and must be on "
                "the countdown page by %(entry_closes)s; nobody enters after "
                "%(entry_closes)s."
            )
            % times
        )
    return (
        _(
            "Candidates sign in %(login_opens)s–%(login_closes)s and must be on the "
            "countdown page by %(starts)s; nobody enters after %(entry_closes)s."
        )
        % times
    )


def rules_of(session: Session) -> list[str]:
    """Return what a candidate reads of devices and conduct (R25, R37, R55, R57)."""
    platforms = [Platform(one).label for one in session.allowed_platforms]
    found = []
    if platforms and len(platforms) < len(Platform):
        found.append(
            _("Allowed computers: %(names)s.") % {"names": ", ".join(platforms)}
        )
    if session.single_display != DisplayPolicy.OFF:
        found.append(_("Connect one display only."))
    if session.headphones == HeadphonePolicy.FORBID:
        found.append(_("Headphones and other aids to hearing are forbidden."))
    else:
        found.append(_("Headphones are allowed."))
    if session.focus_loss == FocusPolicy.LIMIT and session.focus_limit is not None:
        text = ngettext(
            "Leaving the exam page is recorded; more than %(count)s time is looked at "
            "as a breach of the rules.",
            "Leaving the exam page is recorded; more than %(count)s times is looked at "
            "as a breach of the rules.",
            session.focus_limit,
        )
        found.append(text % {"count": session.focus_limit})
    elif session.focus_loss == FocusPolicy.WARN:
        found.append(_("Leaving the exam page is forbidden; it is recorded."))
    else:
        found.append(_("Leaving the exam page is recorded."))
    if session.reconnect_grace is not None:
        found.append(
            _(
                "If your computer is not heard for more than %(grace)s min while the "
                "questions are out, this is noted. You may come back until the end."
            )
            % {"grace": _minutes(session.reconnect_grace)}
        )
    if session.upload_lock_home and session.kind == SessionKind.FORMAL:
        found.append(
            _("After the end stay on the upload page until everything has arrived.")
        )
    if session.mock_required:
        found.append(_("A finished mock test is required before the identity check."))
    return found


def clock_of(at: datetime, session: Session) -> str:
    """Return a local time; with its date where it is not the day of the start."""
    zone = _zone(session)
    local, start = at.astimezone(zone), session.starts_at.astimezone(zone)
    text = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return text if local.date() == start.date() else f"{local:%Y-%m-%d} {text}"


def _details(session: Session) -> list[str]:
    times = _times(session)
    late = _("Late comers enter until %(entry_closes)s and get no extra time.")
    return [
        _("The countdown page opens at %(entry_opens)s.") % times,
        *([_of_draw(session) % times] if Stage.DRAW in session.stages else []),
        *([late % times] if session.entry_close_after_start else []),
        _of_answering(session) % times,
        _(
            "Uploads are confirmed by %(evidence_confirm_by)s, failures reported by "
            "%(failure_report_by)s, and nothing is taken after %(upload_closes)s."
        )
        % times,
        _recheck_sentence(session),
        *_of_correction(session),
        _ways_to_be_recognised(session),
        *rules_of(session),
        _zone_sentence(session),
    ]


def _of_draw(session: Session) -> str:
    if session.auto_assign:
        return _(
            "Numbers are drawn until %(draw_closes)s; whoever has not drawn then is "
            "dealt one."
        )
    return _(
        "Numbers are drawn until %(draw_closes)s; whoever has not drawn then cannot "
        "enter until the helpdesk deals one."
    )


def _of_answering(session: Session) -> str:
    if session.preparation:
        return _(
            "The questions appear at %(starts)s; after %(preparation)s min of "
            "preparation answers are given for %(answer)s min, until %(ends)s for "
            "everybody."
        )
    return _(
        "The questions appear at %(starts)s; answers are given for %(answer)s min, "
        "until %(ends)s for everybody."
    )


def _of_correction(session: Session) -> list[str]:
    if session.group_correction == GroupCorrection.NONE:
        return []
    return [
        _(
            "Results of different rooms are balanced: each is multiplied by the mean "
            "of the session and divided by the mean of its room."
        )
    ]


def _recheck_sentence(session: Session) -> str:
    if not session.recheck_window:
        return _("Nobody may ask for a re-check of a released result.")
    hours = f"{session.recheck_window / HOUR:.1f}".removesuffix(".0")
    return _(
        "A re-check of a result may be asked for once, within %(hours)s h of its "
        "release."
    ) % {"hours": hours}


def _ways_to_be_recognised(session: Session) -> str:
    names = [str(IdentityMethod(one).label) for one in session.identity_methods]
    return _("Identity is proved by: %(names)s.") % {"names": ", ".join(names)}


def _of_mock(session: Session) -> list[str]:
    closes = session.mock_closes_at
    window = {
        "opens": _full(session.starts_at, session),
        "closes": _full(closes, session) if closes else "—",
        "lead": _minutes(session.mock_lead),
        "answer": _minutes(session.answer),
    }
    count = ngettext(
        "Every candidate may start %(count)s mock test on a day.",
        "Every candidate may start %(count)s mock tests on a day.",
        session.mock_per_day,
    )
    return [
        _(
            "Candidates may start a mock test from %(opens)s until %(closes)s; it "
            "begins %(lead)s min after the press and takes %(answer)s min."
        )
        % window,
        count % {"count": session.mock_per_day},
        _zone_sentence(session),
    ]


def _zone_sentence(session: Session) -> str:
    zone = _zone(session)
    return _("All times are those of %(zone)s (%(offset)s), on %(day)s.") % {
        "zone": zone.key,
        "offset": offset_of(session.starts_at, zone),
        "day": f"{session.starts_at.astimezone(zone):%Y-%m-%d}",
    }


def _times(session: Session) -> dict[str, str]:
    plan = Schedule.of(session)
    names = (
        *("login_opens", "login_closes", "entry_opens", "entry_closes", "draw_closes"),
        *("starts", "ends", "evidence_confirm_by", "failure_report_by"),
        "upload_closes",
    )
    return {
        **{name: clock_of(getattr(plan, name), session) for name in names},
        "preparation": _minutes(session.preparation),
        "answer": _minutes(session.answer),
    }


def _full(at: datetime, session: Session) -> str:
    return f"{at.astimezone(_zone(session)):%Y-%m-%d %H:%M}"


def _minutes(seconds: int) -> str:
    return f"{seconds / MINUTE:.1f}".removesuffix(".0")


def _zone(session: Session) -> ZoneInfo:
    return zone_named(session.time_zone) or ZoneInfo("UTC")
