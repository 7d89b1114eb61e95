"""The steps of a session, in the order of its life; each is one domain call."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from exams.admin.emergency_steps import EMERGENCY_STEPS
from exams.admin.steps import Step, StepForm, Text
from exams.domain.attempts import close_entry
from exams.domain.audit import Actor
from exams.domain.cautions import acknowledge, open_cautions
from exams.domain.freezing import freeze, refusals_of
from exams.domain.paper_draw import draw_papers
from exams.domain.projects import (
    bring_back,
    discard_session,
    publish_session,
    session_problems,
    start_scoring,
)
from exams.domain.results import NAMED, release_results
from exams.domain.schedule import Schedule
from exams.enums import AttemptState, SessionKind, SessionState
from exams.kernel import clock
from exams.models import Session
from exams.queries.results import unready_attempts


def _is_formal(session: Session) -> bool:
    return session.kind == SessionKind.FORMAL


def _everybody(session: Session) -> Text:
    if not _is_formal(session):
        return _("A mock test is open to every candidate of the project.")
    count = session.attempts.count()
    return ngettext(
        "%(count)s candidate is on the roster.",
        "%(count)s candidates are on the roster.",
        count,
    ) % {"count": count}


def _absent(session: Session) -> Text:
    count = session.attempts.filter(state__in=AttemptState.BEFORE_ENTRY).count()
    return ngettext(
        "%(count)s candidate has not entered and becomes absent.",
        "%(count)s candidates have not entered and become absent.",
        count,
    ) % {"count": count}


def _to_score(session: Session) -> Text:
    count = session.attempts.filter(state__in=AttemptState.PRESENT).count()
    return ngettext(
        "%(count)s attempt is to be scored.",
        "%(count)s attempts are to be scored.",
        count,
    ) % {"count": count}


def _to_release(session: Session) -> Text:
    ready = session.attempts.filter(state=AttemptState.MARKED).count()
    absent = session.attempts.filter(
        state__in=[AttemptState.ABSENT, AttemptState.WITHDRAWN]
    ).count()
    return _("Attempts with all marks: %(ready)s; absent or withdrawn: %(absent)s.") % {
        "ready": ready,
        "absent": absent,
    }


def _before_closing(session: Session, at: datetime) -> list:
    schedule = Schedule.of(session)
    if schedule.entry.is_over(at):
        return []
    return [
        _("Entry is open until %(time)s; until then this is refused.")
        % {"time": _local(session, schedule.entry_closes)}
    ]


def _before_scoring(session: Session, at: datetime) -> list:
    schedule = Schedule.of(session)
    if at >= schedule.ends:
        return []
    return [
        _("The exam ends at %(time)s; until then this is refused.")
        % {"time": _local(session, schedule.ends)}
    ]


def _before_release(session: Session, at: datetime) -> list:
    missing = unready_attempts(session)
    named = [f"{row.number or row.code} ({row.state})" for row in missing[:NAMED]]
    if not named:
        return []
    more = " …" if len(missing) > NAMED else ""
    return [
        _(
            "Not all marks are in; the release is refused as long as these wait: "
            "%(named)s"
        )
        % {"named": ", ".join(named) + more}
    ]


def _local(session: Session, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(session.time_zone)):%Y-%m-%d %H:%M:%S}"


def _before_publishing(session: Session, at: datetime) -> list:
    return [*session_problems(session, at=at), *open_cautions(session, at=at)]


def _before_freezing(session: Session, at: datetime) -> list:
    return [*refusals_of(session), *open_cautions(session, at=at)]


def _warnings(session: Session) -> int:
    return len(open_cautions(session, at=clock.now()))


def _is_published(session: Session) -> bool:
    return session.state == SessionState.PUBLISHED


class PoolForm(StepForm):
    """Which papers are in the pot, and whether each room draws for itself."""

    per_room = forms.ChoiceField(
        label=_("Draw"),
        choices=[
            ("session", _("one paper for the whole session")),
            ("room", _("one paper for each room")),
        ],
    )

    def __init__(self, session: Session, data: QueryDict | None) -> None:
        super().__init__(data)
        papers = session.project.papers.filter(sealed_at__isnull=True)
        self.fields["pool"] = forms.ModelMultipleChoiceField(
            label=_("Papers"),
            queryset=papers.defer("bundle", "bundle_key").order_by("pk"),
            widget=forms.CheckboxSelectMultiple,
        )


def drawn_before(session: Session) -> list[Text]:
    """Say how often a paper was drawn before."""
    count = session.paper_draws.values("at").distinct().count()
    if not count:
        return []
    text = ngettext(
        "A paper was drawn %(count)s time before.",
        "A paper was drawn %(count)s times before.",
        count,
    )
    return [text % {"count": count}]


def _note_form(session: Session, data: QueryDict | None) -> StepForm:
    """Carry the digests of what the page shows, so that nothing unread is noted."""
    seen = [one.digest for one in open_cautions(session, at=clock.now())]
    return NoteForm(data, initial={"seen": ",".join(seen)})


class NoteForm(StepForm):
    """A reason, and which warnings were on the page."""

    seen = forms.CharField(widget=forms.HiddenInput)


STEPS = (
    Step(
        name="publish",
        title=_("Publish the session"),
        effect=_(
            "Candidates on the roster see this session with its windows and may take "
            "part. The roster, the times and the paper can still be changed until "
            "the freeze."
        ),
        final=_("A published session never becomes a draft again."),
        done=_("The session is published."),
        act=lambda row, by, at, reason: publish_session(row, by=by, at=at),
        fits=lambda row: row.state == SessionState.DRAFT,
        extent=_everybody,
        cautions=_before_publishing,
    ),
    Step(
        name="draw-paper",
        title=_("Draw a paper"),
        effect=_(
            "One of the papers you choose is drawn, for the session or for each room. "
            "Seed, pool and outcome are kept, so that anybody can repeat the draw."
        ),
        final=_("You may draw again until the freeze; every draw stays in sight."),
        done=_("The paper is drawn."),
        do=lambda row, staff, at, answers: draw_papers(
            row,
            pool=[paper.pk for paper in answers["pool"]],
            per_room=answers["per_room"] == "room",
            by=Actor.of_staff(staff),
            at=at,
        ),
        form=PoolForm,
        fits=lambda row: not row.frozen_at and row.project.papers.count() > 1,
        extent=_everybody,
        cautions=lambda row, at: drawn_before(row),
    ),
    Step(
        name="freeze",
        title=_("Freeze the session and commit the draw"),
        effect=_(
            "The roster, the times and the paper become fixed. The paper is sealed: "
            "nobody can read it until the start. The draw's secret seed is made and "
            "its fingerprint is published, so that nobody can choose numbers later."
        ),
        final=_(
            "The freeze cannot be undone. Without it, the session freezes by itself "
            "when sign-in opens."
        ),
        done=_("The session is frozen and its draw is committed."),
        act=lambda row, by, at, reason: freeze(row, by=by, at=at),
        fits=lambda row: _is_published(row) and not row.frozen_at,
        extent=_everybody,
        cautions=_before_freezing,
        typed=True,
        tone="warn",
    ),
    Step(
        name="close-entry",
        title=_("Close entry"),
        effect=_("Everybody who has not entered is recorded as absent."),
        final=_("A single absence can be taken back with a reason."),
        done=_("Entry is closed."),
        act=lambda row, by, at, reason: close_entry(row, by=by, at=at, reason=reason),
        fits=lambda row: _is_published(row) and _is_formal(row),
        extent=_absent,
        cautions=_before_closing,
        tone="warn",
    ),
    Step(
        name="start-scoring",
        title=_("Start scoring"),
        effect=_(
            "The exam of this session is over: nobody enters any more, and results can "
            "be released. Examiners may open each recording from its sealing on."
        ),
        final=_("Scoring does not go back to the exam."),
        done=_("Scoring has started."),
        act=lambda row, by, at, reason: start_scoring(row, by=by, at=at),
        fits=lambda row: _is_published(row) and _is_formal(row),
        extent=_to_score,
        cautions=_before_scoring,
    ),
    Step(
        name="release",
        title=_("Release the results"),
        effect=_(
            "Results are computed once more from all locked sheets and shown to "
            "every candidate, with their working."
        ),
        final=_("A released result is never taken back without a trace."),
        done=_("The results are released."),
        act=lambda row, by, at, reason: release_results(row, by=by, at=at),
        fits=lambda row: row.state == SessionState.SCORING,
        extent=_to_release,
        cautions=_before_release,
        typed=True,
        tone="bad",
    ),
    Step(
        name="discard",
        title=_("Discard the draft"),
        effect=_(
            "The session leaves the lists of the day, and no roster is taken for it. "
            "Candidates never saw it."
        ),
        final=_("Nothing is deleted; the session can be brought back."),
        done=_("The draft is discarded."),
        act=lambda row, by, at, reason: discard_session(row, by=by, at=at),
        fits=lambda row: row.state == SessionState.DRAFT,
        extent=_everybody,
        typed=True,
        tone="warn",
    ),
    Step(
        name="bring-back",
        title=_("Bring the draft back"),
        effect=_("The session is a draft again, with everything it had."),
        final=_("It can be discarded again."),
        done=_("The session is a draft again."),
        act=lambda row, by, at, reason: bring_back(row, by=by, at=at),
        fits=lambda row: row.state == SessionState.DISCARDED,
        extent=_everybody,
    ),
    *EMERGENCY_STEPS,
    Step(
        name="acknowledge",
        title=_("Take note of the warnings"),
        effect=_(
            "The warnings below stay true and are no longer shown. Your name and the "
            "time are kept with them."
        ),
        final=_("A warning comes back when what it says changes."),
        done=_("The warnings are noted."),
        do=lambda row, staff, at, answers: acknowledge(
            row, seen=answers["seen"].split(","), by=staff, at=at
        ),
        form=_note_form,
        fits=lambda row: bool(open_cautions(row, at=clock.now())),
        extent=lambda row: (
            ngettext("%(count)s warning.", "%(count)s warnings.", _warnings(row))
            % {"count": _warnings(row)}
        ),
        cautions=lambda row, at: open_cautions(row, at=at),
        aside=True,
    ),
)
