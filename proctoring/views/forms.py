"""What officials type: a case, a reason, a window, a ruling."""

from django import forms
from django.utils.translation import gettext_lazy as _

from candidates.domain.rechecks import MAX_TEXT as MAX_RECHECK
from candidates.enums import RecheckOutcome
from exams.models import Attempt
from proctoring.domain.cases import MAX_TEXT
from proctoring.enums import IncidentState, Outcome
from proctoring.models import Incident
from proctoring.queries.incidents import articles_of

INSTANT = "%Y-%m-%dT%H:%M:%S"


def instant_field(label) -> forms.DateTimeField:
    """A local date and time with seconds, in the zone that is active."""
    widget = forms.DateTimeInput(
        attrs={"type": "datetime-local", "step": "1"}, format=INSTANT
    )
    return forms.DateTimeField(label=label, widget=widget, input_formats=[INSTANT])


class CaseForm(forms.Form):
    """A clip, an article and what is seen; incidents that the case takes in."""

    from_at = instant_field(_("Clip from"))
    to_at = instant_field(_("to"))
    article = forms.ModelChoiceField(
        label=_("Article"), queryset=None, to_field_name="code", empty_label=None
    )
    facts = forms.CharField(
        label=_("Facts seen"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The candidate reads them. Say when, where in the picture, what."),
    )
    incidents = forms.ModelMultipleChoiceField(
        label=_("Incidents that belong to it"),
        queryset=None,
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, attempt: Attempt, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["article"].queryset = articles_of(attempt.session)
        incidents = self.fields["incidents"]
        incidents.queryset = Incident.objects.filter(
            attempt=attempt, state=IncidentState.OPEN
        ).select_related("attempt__session")
        incidents.label_from_instance = lambda one: one.kind_label


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why you do this"),
        max_length=500,
        help_text=_("It is kept in the audit trail for good."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NoticeForm(forms.Form):
    hours = forms.IntegerField(
        label=_("Hours to answer"), min_value=1, max_value=720, initial=24
    )


class RulingForm(forms.Form):
    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect)
    reasons = forms.CharField(
        label=_("Reasons"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("They stand in the letter to the candidate."),
    )

    def __init__(self, *args, outcomes: tuple[str, ...], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(one, Outcome(one).label) for one in outcomes]


class RecheckForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=RecheckOutcome.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("Reasons"),
        max_length=MAX_RECHECK,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The candidate reads them in the inbox and beside the result."),
    )


class NoForm(forms.Form):
    """Nothing to type: pressing the button is the whole answer."""
