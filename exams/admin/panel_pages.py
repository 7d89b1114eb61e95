"""The page of a session's panels: seats per room, put by hand."""

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from exams.admin.room_pages import Page, page_url, shown
from exams.domain.audit import Actor
from exams.domain.panels import PANEL, seat
from exams.enums import Role
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.models import Room, Session, Staff
from exams.queries.panels import panel_lines, unscorable, wider_seats


class SeatForm(forms.Form):
    """Who takes which seat in which room."""

    room = forms.ModelChoiceField(label=_("Room"), queryset=Room.objects.none())
    staff = forms.ModelChoiceField(
        label=_("Person"), queryset=Staff.objects.none(), empty_label="—"
    )
    role = forms.ChoiceField(
        label=_("Seat"), choices=[(role, Role(role).label) for role in PANEL]
    )

    def __init__(self, *args, session: Session, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = session.rooms.order_by("name", "pk")
        self.fields["staff"].queryset = Staff.objects.filter(is_active=True).order_by(
            "username"
        )


def panels(
    model_admin: ModelAdmin, request: HttpRequest, session: Session
) -> HttpResponse:
    """Show the panels and take one more seat."""
    form = SeatForm(request.POST or None, session=session)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            seat(
                form.cleaned_data["staff"],
                room=form.cleaned_data["room"],
                role=form.cleaned_data["role"],
                by=Actor.of_staff(request.user),
                at=clock.now(),
            )
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, _("The seat is taken."))
            return redirect(page_url(session, "panels"))
    return shown(
        model_admin,
        request,
        "admin/panels.html",
        row=session,
        refusal=refusal,
        title=_("Panels"),
        form=form,
        lines=[
            (line, [(row, _ending(row)) for row in line.seats])
            for line in panel_lines(session)
        ],
        wider=[(row, _ending(row)) for row in wider_seats(session)],
        unscorable=unscorable(session),
        rooms=page_url(session, "rooms"),
    )


def _ending(row) -> str:
    return reverse("admin:exams_assignment_end", args=[row.pk])


PANELS = Page("panels", _("Panels"), panels)
