"""Acts on a frozen session: confirm pages, a reason, and a second person.

The first page asks, the page “Agree” carries out; both show what changes.
"""

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from exams.admin.steps import Step, StepForm, Text
from exams.domain import emergencies
from exams.domain.local_times import instant_of, stamp, zone_named
from exams.enums import AttemptState, EmergencyKind, SessionState
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.models import Emergency, Session, Staff

INSTANT = "%Y-%m-%dT%H:%M"
LONGEST_CAP = 400 * 86_400


class LocalInstantField(forms.DateTimeField):
    """A local time of the zone; unclear ones are refused with both readings."""

    def __init__(self, *, session: Session, **kwargs) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=INSTANT)
        super().__init__(widget=widget, **kwargs)
        self.zone = zone_named(session.time_zone)

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            local = datetime.fromisoformat(str(value))
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"]) from None
        try:
            return instant_of(local.replace(tzinfo=None), self.zone)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class PostponeForm(StepForm):
    def __init__(self, session: Session, data: QueryDict | None) -> None:
        super().__init__(data, code=session.code)
        self.fields["starts_at"] = LocalInstantField(
            session=session,
            label=_("New start (%(zone)s)") % {"zone": session.time_zone},
        )

    def arguments(self) -> dict:
        return {"starts_at": self.cleaned_data["starts_at"].isoformat()}


class CancelForm(StepForm):
    def __init__(self, session: Session, data: QueryDict | None) -> None:
        super().__init__(data, code=session.code)

    def arguments(self) -> dict:
        return {}


class PaperForm(StepForm):
    def __init__(self, session: Session, data: QueryDict | None) -> None:
        super().__init__(data, code=session.code)
        papers = session.project.papers.exclude(pk=session.paper_id)
        self.fields["paper"] = forms.ModelChoiceField(
            label=_("New paper"), queryset=papers.defer("bundle", "bundle_key")
        )

    def arguments(self) -> dict:
        return {"paper": self.cleaned_data["paper"].pk}


class EntryForm(StepForm):
    def __init__(self, session: Session, data: QueryDict | None) -> None:
        super().__init__(data)
        self.fields["attempt"] = forms.CharField(
            label=_("Attempt code"), max_length=20, widget=forms.TextInput
        )
        self.fields["until"] = LocalInstantField(
            session=session,
            label=_("Entry until (%(zone)s)") % {"zone": session.time_zone},
        )

    def arguments(self) -> dict:
        data = self.cleaned_data
        return {"attempt": data["attempt"].strip(), "until": data["until"].isoformat()}


class CapForm(StepForm):
    def __init__(self, session: Session, data: QueryDict | None) -> None:
        super().__init__(data)
        self.fields["seconds"] = forms.IntegerField(
            label=_("upload hard cap after the end (s)"),
            min_value=1,
            max_value=LONGEST_CAP,
            initial=session.upload_cap,
        )

    def arguments(self) -> dict:
        return {"seconds": self.cleaned_data["seconds"]}


class AgreeForm(StepForm):
    """One of the operations that wait; their words say what would be done."""

    def __init__(self, session: Session, data: QueryDict | None) -> None:
        super().__init__(data, code=session.code)
        waiting = _waiting(session)
        self.fields["operation"] = forms.ChoiceField(
            label=_("Operation"),
            choices=[(one.code, words_of(one)) for one in waiting],
            widget=forms.RadioSelect,
        )


def words_of(one: Emergency) -> str:
    """Say what an operation does, who asked for it and why."""
    zone = zone_named(one.session.time_zone)
    told = {
        key: stamp(datetime.fromisoformat(value), zone)
        if key in ("starts_at", "until")
        else str(value)
        for key, value in one.arguments.items()
    }
    what = ", ".join([str(one.get_kind_display()), *told.values()])
    return _("%(what)s — asked for by %(who)s: “%(why)s”") % {
        "what": what,
        "who": one.approval.requested_by,
        "why": one.approval.reason,
    }


def _waiting(session: Session) -> list[Emergency]:
    waiting = session.emergencies.filter(done_at=None, approval__approved_at=None)
    alive = waiting.filter(approval__expires_at__gt=clock.now())
    return list(alive.select_related("approval__requested_by", "session"))


def _may(session: Session) -> bool:
    return bool(session.frozen_at) and session.state == SessionState.PUBLISHED


def _everybody(session: Session) -> Text:
    count = session.attempts.filter(state__in=AttemptState.BEFORE_ENTRY).count()
    text = ngettext(
        "%(count)s candidate has not entered yet.",
        "%(count)s candidates have not entered yet.",
        count,
    )
    return text % {"count": count}


def _proposal(kind: str) -> Callable[[Session, Staff, datetime, dict], Emergency]:
    def propose(
        session: Session, staff: Staff, at: datetime, answers: dict
    ) -> Emergency:
        return emergencies.propose(
            session,
            kind=kind,
            arguments=answers["arguments"],
            reason=answers["reason"],
            by=staff,
            at=at,
        )

    return propose


def _agree(session: Session, staff: Staff, at: datetime, answers: dict) -> Emergency:
    one = session.emergencies.get(code=answers["operation"])
    return emergencies.agree(one, by=staff, at=at)


def _step(name: str, kind: str, form: type[StepForm], effect: Text, **more) -> Step:
    return Step(
        name=name,
        title=EmergencyKind(kind).label,
        effect=effect,
        final=_("Nothing happens before a second administrator agrees. It is audited."),
        done=_("It waits for a second administrator."),
        do=_proposal(kind),
        form=form,
        fits=_may,
        extent=_everybody,
        tone="warn",
        aside=True,
        **more,
    )


EMERGENCY_STEPS = (
    Step(
        name="agree",
        title=_("Agree to an operation"),
        effect=_("The operation you choose is carried out at once."),
        final=_("It is not undone; another operation can follow it."),
        done=_("The operation is carried out."),
        do=_agree,
        form=AgreeForm,
        fits=lambda row: _may(row) and bool(_waiting(row)),
        extent=_everybody,
        typed=True,
        tone="bad",
        aside=True,
    ),
    _step(
        "postpone",
        EmergencyKind.POSTPONE,
        PostponeForm,
        _("Every window moves with the start. Nobody gets more or less time."),
        typed=True,
    ),
    _step(
        "replace-paper",
        EmergencyKind.PAPER,
        PaperForm,
        _("The new paper is sealed and asked; candidates fetch it before the start."),
        typed=True,
    ),
    _step(
        "reopen-entry",
        EmergencyKind.ENTRY,
        EntryForm,
        _("One person may sign in and enter later. The end stays where it is."),
    ),
    _step(
        "move-cap",
        EmergencyKind.UPLOAD_CAP,
        CapForm,
        _("Recordings are taken until then; answers and times stay as they are."),
    ),
    _step(
        "cancel",
        EmergencyKind.CANCEL,
        CancelForm,
        _("Everybody who has not entered is withdrawn; nobody takes this session."),
        typed=True,
    ),
)
