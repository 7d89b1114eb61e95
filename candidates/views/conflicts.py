"""The examiner's declarations. The page says what was declared and nothing of whom it
met: an answer would tell who is being scored.
"""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from candidates.domain.conflicts import MAX_LENGTH, declare
from candidates.enums import ConflictKind
from candidates.queries.conflicts import own_conflicts, projects_examined
from exams.access import staff_page
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.models import Project
from exams.queries.examiner import EXAMINERS


class DeclareForm(forms.Form):
    """One declaration, in a project that the person examines in."""

    project = forms.ModelChoiceField(
        label=_("Project"),
        queryset=Project.objects.none(),
        to_field_name="slug",
        empty_label=None,
    )
    kind = forms.ChoiceField(
        label=_("What you have in common"),
        choices=[(kind, ConflictKind(kind).label) for kind in ConflictKind.DECLARED],
    )
    value = forms.CharField(
        label=_("Name, last six, or institution"),
        max_length=MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args, projects, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = projects


@staff_page(*EXAMINERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def conflicts(request: HttpRequest) -> HttpResponse:
    """List the own declarations and take one more."""
    projects = projects_examined(request.user)
    posted = request.POST if request.method == "POST" else None
    form = DeclareForm(posted, projects=projects)
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            declare(
                **form.cleaned_data, staff=request.user, by=request.user, at=clock.now()
            )
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, _("Kept. You will not score whom it meets."))
            return redirect("conflicts:own")
    context = {"form": form, "rows": own_conflicts(request.user), "refusal": refusal}
    return render(
        request,
        "conflicts/own.html",
        context,
        status=refusal.status if refusal else 422 if form.errors else 200,
    )
