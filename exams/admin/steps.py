"""Confirm pages: what happens, to how many, what cannot be undone, and why.

A step is declared in a table and shown by one view; its body is one domain call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exams.domain.administration import REASON_LENGTH, carry_out
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.kernel.errors import NotAllowed, Refusal
from exams.models import Staff

Text = str | Promise


@dataclass(frozen=True)
class Step:
    """One act on one row.

    `act(row, by, at, reason)` does it. `extent(row)` says to how many, `cautions`
    what a careful person would ask, `fits(row)` whether the button is shown. With
    `typed` the row's code must be typed. `form` and `do` take the place of `act` where
    more than a reason is asked.
    """

    name: str
    title: Text
    effect: Text
    final: Text
    done: Text
    fits: Callable[[Model], bool]
    extent: Callable[[Model], Text]
    act: Callable[[Model, Actor, datetime, str], object] | None = None
    cautions: Callable[[Model, datetime], list] = lambda row, at: []
    typed: bool = False
    tone: str = "info"
    # Offered beside the others: the page itself says where.
    aside: bool = False
    # Whom the page is for, beside the right to change the row.
    who: Callable[[Staff], bool] = lambda staff: True
    # A step that asks for more than a reason: its form, and the act with the answers.
    form: "Callable[[Model, QueryDict | None], StepForm] | None" = None
    do: Callable[[Model, Staff, datetime, dict], object] | None = None


class StepForm(forms.Form):
    """The reason, and the code where the step cannot be undone."""

    reason = forms.CharField(
        label=_("Why you do this"),
        max_length=REASON_LENGTH,
        help_text=_("It is kept in the audit trail for good."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    code = forms.CharField(
        label=_("Session code"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args, code: str = "", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._code = code
        if not code:
            del self.fields["code"]

    def answers(self) -> dict:
        """Return what the act is given; `arguments` where the form asks for any."""
        extra = getattr(self, "arguments", dict)()
        return {**self.cleaned_data, "arguments": extra}

    def clean_code(self):
        typed = self.cleaned_data["code"].strip()
        if typed != self._code:
            raise forms.ValidationError(
                _("This is not the code of this session. Type the code shown above.")
            )
        return typed


class StepsMixin:
    """A ModelAdmin whose rows have confirm pages, one URL per step."""

    steps: tuple[Step, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<path:object_id>/{step.name}/",
                self.admin_site.admin_view(self._view_of(step)),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{step.name}",
            )
            for step in self.steps
        ]
        return own + super().get_urls()

    def render_change_form(self, request, context, **kwargs):
        row = kwargs.get("obj")
        context["steps"] = [] if row is None else self.steps_for(request, row)
        return super().render_change_form(request, context, **kwargs)

    def steps_for(self, request: HttpRequest, row: Model) -> list[tuple[Step, str]]:
        """Return the steps that the person may do now, each with its address."""
        return [
            (step, _url(self, step, row))
            for step in self.steps
            if may_step(self, request, row)
            and step.who(request.user)
            and step.fits(row)
        ]

    def _view_of(self, step: Step) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return step_view(self, request, object_id, step=step)

        return view


def may_step(model_admin: ModelAdmin, request: HttpRequest, row: Model) -> bool:
    """Return whether the person may act on the row, frozen or not."""
    name = f"{row._meta.app_label}.change_{row._meta.model_name}"
    narrower = getattr(model_admin, "may_act", None)
    if narrower is not None and not narrower(request, row):
        return False
    return model_admin.has_view_permission(request, row) and request.user.has_perm(name)


def step_view(
    model_admin: ModelAdmin, request: HttpRequest, object_id: str, *, step: Step
) -> HttpResponse:
    row = model_admin.get_object(request, object_id)
    if row is None:
        raise Http404
    if not may_step(model_admin, request, row) or not step.who(request.user):
        raise NotAllowed
    form = _form_of(step, row, request.POST or None)
    refusal, at = None, clock.now()
    if request.method == "POST" and form.is_valid():
        try:
            _do(step, row, form.answers(), request, at)
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, step.done)
            return redirect(_change_url(model_admin, row))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": step.title,
        "opts": model_admin.opts,
        "row": row,
        "step": step,
        "extent": step.extent(row),
        "cautions": step.cautions(row, at),
        "form": form,
        "refusal": refusal,
        "back": _change_url(model_admin, row),
    }
    status = refusal.status if refusal else 200
    return TemplateResponse(request, "admin/step.html", context, status=status)


def _form_of(step: Step, row: Model, data: QueryDict | None) -> "StepForm":
    if step.form is not None:
        return step.form(row, data)
    return StepForm(data, code=row.code if step.typed else "")


def _do(
    step: Step, row: Model, answers: dict, request: HttpRequest, at: datetime
) -> object:
    by, reason = Actor.of_staff(request.user), answers["reason"]

    def act() -> object:
        if step.do is not None:
            return step.do(row, request.user, at, answers)
        return step.act(row, by, at, reason)

    return carry_out(act, row, step=step.name, reason=reason, by=by, at=at)


def _url(model_admin: ModelAdmin, step: Step, row: Model) -> str:
    opts = model_admin.opts
    name = f"admin:{opts.app_label}_{opts.model_name}_{step.name}"
    return reverse(name, args=[row.pk])


def _change_url(model_admin: ModelAdmin, row: Model) -> str:
    opts = model_admin.opts
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
