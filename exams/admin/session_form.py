"""The form of a session: every setting with its bounds, looked at as a whole."""

from collections.abc import Sequence
from copy import copy

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.forms.models import construct_instance
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from exams.admin.local_times import LocalDateTimeField, LocalTimesMixin, reading_field
from exams.domain.soundness import Contradiction, contradictions
from exams.domain.stages import problems_of
from exams.enums import IdentityMethod, Platform, Stage
from exams.models import Session

NUMBERS = (
    *("login_open_before", "entry_open_before", "login_close_after_start"),
    *("entry_close_after_start", "draw_close_before", "preparation", "answer"),
    *("evidence_confirm_within", "failure_report_within", "upload_cap", "mock_lead"),
    "recheck_window",
)
HELP = {
    "mock_closes_at": _("From then on no mock test is started."),
    "mock_per_day": _("A day is a calendar day in the session's time zone."),
    "mock_lead": _("300 = five minutes to sign in, read, draw and enter."),
    "mock_required": _(
        "On: whoever has not finished a mock test cannot prove their identity. Off: "
        "skipping it is the candidate's own risk."
    ),
    "time_zone": _("The zone that candidates read, e.g. Asia/Shanghai."),
    "login_open_before": _("1800 = half an hour before the start."),
    "entry_open_before": _("600 = ten minutes before the start."),
    "login_close_after_start": _("0 = at the start; 300 = five minutes later."),
    "entry_close_after_start": _("Late comers get no extra time."),
    "draw_close_before": _("From then on nobody draws by hand."),
    "auto_assign": _(
        "On: whoever has not drawn at the closing is dealt a number by the same rule. "
        "Off: they cannot enter until the helpdesk deals one."
    ),
    "preparation": _("Reading time before the answer time, for everybody."),
    "answer": _("1200 = twenty minutes, the same for everybody."),
    "evidence_confirm_within": _("3600 = one hour after the end."),
    "failure_report_within": _(
        "1800 = half an hour after the end, to the hotline or on the page."
    ),
    "upload_cap": _("604800 = seven days; nothing is taken afterwards."),
    "upload_lock_home": _(
        "On: “My exams” leads back to the upload until then; saving the files, or a "
        "confirmation that is recorded, opens it. Off: it only says that the upload "
        "goes on."
    ),
    "slice_ms": _("1000 = one second of film at most is lost in a crash."),
    "per_question_timers": _(
        "On: questions follow each other by the times in the paper, without a way "
        "back. Off: the times are suggestions."
    ),
    "single_display": _(
        "A browser that cannot tell counts as unverified; the phone shows the desk."
    ),
    "headphones": _(
        "Forbidden: candidates confirm that they wear none before they go on; a device "
        "with such a name is pointed out to them and stops nobody."
    ),
    "focus_loss": _(
        "It is always recorded. Warned of: who comes back reads what was noted. Up to "
        "a number of times: they also read how many are left, and once more calls the "
        "proctors to look. Nothing is decided by it."
    ),
    "focus_limit": _("Only with “up to a number of times”."),
    "reconnect_grace": _(
        "300 = five minutes; empty = no limit. A longer silence while the questions "
        "are out is shown to proctors and officials. The candidate may come back all "
        "the same, and nothing happens by itself."
    ),
    "room_pan_required": _("Off: the phone films at once, without the turn."),
    "defence_window": _("What an official is offered when a case notice is sent."),
    "recheck_window": _(
        "259200 = three days after the release; 0 = nobody may ask. Officials answer "
        "with reasons; the answer comes into the candidate's inbox."
    ),
    "trim": _("How many highest and how many lowest marks are dropped."),
    "decimals": _("Rounded half up, once, at the end."),
    "group_correction": _(
        "Balanced: each result is multiplied by the mean of the session and divided "
        "by the mean of its room. Everybody sees the result before, the factor and "
        "the result after."
    ),
    "paper": _("Only papers of the same project."),
}


class StageList(forms.CheckboxSelectMultiple):
    """Stages in the order in which they stand on the page; ticks say which."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = [one for one in value or [] if one in Stage.values]
        rest = [one for one in Stage.values if one not in chosen]
        context = {
            "name": name,
            "stages": [(Stage(one), one in chosen) for one in [*chosen, *rest]],
        }
        return render_to_string("admin/_stage_list.html", context)


class SessionForm(LocalTimesMixin, forms.ModelForm):
    """Contradictions stand beside both fields; times are in the session's zone."""

    local_times = ("starts_at", "mock_closes_at")
    typed: Session | None = None
    clashes: Sequence[Contradiction] = ()
    starts_at = LocalDateTimeField(
        label=capfirst(_("starts at")), widget=AdminSplitDateTime
    )
    starts_at_reading = reading_field(_("which of the two"))
    mock_closes_at = LocalDateTimeField(
        label=capfirst(_("mock test may be taken until")),
        required=False,
        widget=AdminSplitDateTime,
        help_text=HELP["mock_closes_at"],
    )
    mock_closes_at_reading = reading_field(_("which of the two"))
    stages = forms.MultipleChoiceField(
        label=capfirst(_("stages")),
        choices=Stage.choices,
        widget=StageList,
        help_text=_("What a candidate passes, from top to bottom."),
    )
    identity_methods = forms.MultipleChoiceField(
        label=capfirst(_("ways to be recognised")),
        choices=IdentityMethod.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The face is never the only way: a person can always decide."),
    )
    allowed_platforms = forms.MultipleChoiceField(
        label=capfirst(_("allowed computers")),
        choices=Platform.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "On another kind nobody gets past the device preparation. A browser that "
            "does not say which it is counts as unverified and passes."
        ),
    )

    class Meta:
        model = Session
        fields = "__all__"
        help_texts = HELP

    def clean_stages(self):
        chosen = [str(Stage(one)) for one in self.cleaned_data["stages"]]
        if problems := problems_of(chosen):
            raise forms.ValidationError(problems)
        return chosen

    def clean(self):
        """Look at the whole, once each part can be read."""
        cleaned = super().clean()
        # Kept: an error takes its field out of the cleaned data.
        self.typed = self._draft()
        self.clashes = contradictions(self.typed) if self.typed else []
        for clash in self.clashes:
            for name in clash.fields:
                shown = "project" if name.startswith("project.") else name
                self.add_error(shown if shown in self.fields else None, str(clash))
        return cleaned

    def validate_constraints(self):
        # What the database would say of half a form is no help; the rest is said above.
        if self.typed and not self.clashes:
            super().validate_constraints()

    def _draft(self) -> Session | None:
        """Return the session as it is typed, unsaved; None while parts are missing."""
        needed = ("project", "starts_at", "stages", "time_zone", "kind", *NUMBERS)
        if any(self.cleaned_data.get(name) in (None, "") for name in needed):
            return None
        return construct_instance(self, copy(self.instance), self.fields)
