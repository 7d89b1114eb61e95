"""The pages of a session's rooms: who sits where, the two splits, and single moves."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exams.admin.steps import may_step
from exams.domain.administration import REASON_LENGTH
from exams.domain.rooms import (
    approve_move,
    ask_to_move,
    move_attempt,
    split_candidates,
    split_proctors,
)
from exams.kernel import clock
from exams.kernel.errors import NotAllowed, Refusal
from exams.models import Attempt, Room, Session
from exams.queries import rooms as seen

EVERYBODY, UNPLACED = "everybody", "unplaced"


@dataclass(frozen=True)
class Page:
    """A page of one row that stands beside its confirm pages."""

    name: str
    title: Promise
    view: Callable[..., HttpResponse]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why you do this"),
        max_length=REASON_LENGTH,
        help_text=_("It is kept in the audit trail for good."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SplitForm(ReasonForm):
    """Whom the split of candidates places."""

    whom = forms.ChoiceField(
        label=_("Who is split"),
        choices=[
            (EVERYBODY, pgettext_lazy("split", "Everybody anew")),
            (UNPLACED, pgettext_lazy("split", "Only those without a room")),
        ],
    )
    field_order = ["whom", "reason"]


class MoveForm(ReasonForm):
    """The new room, each with the places that it has left."""

    room = forms.ChoiceField(label=_("New room"))
    field_order = ["room", "reason"]

    def __init__(self, *args, lines: list[seen.RoomLine], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].choices = [
            (
                line.room.pk,
                _("%(room)s: %(people)s of %(capacity)s places taken")
                % {
                    "room": line.room.name,
                    "people": line.people,
                    "capacity": line.room.capacity,
                },
            )
            for line in lines
        ]


class PagesMixin:
    """A ModelAdmin whose rows have pages of their own, one URL each."""

    pages: tuple[Page, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<path:object_id>/{page.name}/",
                self.admin_site.admin_view(_wrapped(self, page)),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{page.name}",
            )
            for page in self.pages
        ]
        return own + super().get_urls()

    def render_change_form(self, request, context, **kwargs):
        row = kwargs.get("obj")
        if row is not None and may_step(self, request, row):
            context["pages"] = [
                (page, page_url(row, page.name))
                for page in self.pages
                if self.page_fits(page, row)
            ]
        return super().render_change_form(request, context, **kwargs)

    def page_fits(self, page: Page, row) -> bool:
        """Return whether the row's form links to the page."""
        return True


def page_url(row, name: str) -> str:
    """Return the address of one of a row's own pages."""
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{name}", args=[row.pk])


def _wrapped(model_admin: ModelAdmin, page: Page) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, object_id: str) -> HttpResponse:
        row = model_admin.get_object(request, object_id)
        if row is None:
            raise Http404
        if not may_step(model_admin, request, row):
            raise NotAllowed
        return page.view(model_admin, request, row)

    return view


def shown(
    model_admin: ModelAdmin,
    request: HttpRequest,
    template: str,
    *,
    row,
    refusal: Refusal | None = None,
    **context: object,
) -> HttpResponse:
    """Render a row's page in the admin's frame, with the status of a refusal."""
    whole = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "row": row,
        "refusal": refusal,
        "back": page_url(row, "change"),
        **context,
    }
    status = refusal.status if refusal else 200
    return TemplateResponse(request, template, whole, status=status)


def rooms(
    model_admin: ModelAdmin, request: HttpRequest, session: Session
) -> HttpResponse:
    """Show every room with its people and staff, the splits, and moves that wait."""
    lines = seen.room_lines(session)
    return shown(
        model_admin,
        request,
        "admin/rooms.html",
        row=session,
        title=_("Rooms"),
        lines=lines,
        unplaced=seen.splittable(session, everybody=False).count(),
        splits=list(seen.splits_of(session)[:20]),
        waiting=[
            (move, page_url(move.attempt, "move"))
            for move in seen.moves_waiting(session, at=clock.now())
        ],
        urls={
            "candidates": page_url(session, "split-candidates"),
            "proctors": page_url(session, "split-proctors"),
            "panels": page_url(session, "panels"),
        },
    )


def split_candidates_page(
    model_admin: ModelAdmin, request: HttpRequest, session: Session
) -> HttpResponse:
    """Preview the split of the candidates, and do it."""
    whom = (request.POST or request.GET).get("whom", EVERYBODY)
    form = SplitForm(request.POST or None, initial={"whom": whom})
    return _split_page(
        model_admin,
        request,
        session,
        form,
        title=_("Split the candidates over the rooms"),
        preview=seen.preview_candidates(session, everybody=whom != UNPLACED),
        act=lambda data, at: split_candidates(
            session,
            everybody=data["whom"] == EVERYBODY,
            reason=data["reason"],
            by=request.user,
            at=at,
        ),
        whom=whom,
    )


def split_proctors_page(
    model_admin: ModelAdmin, request: HttpRequest, session: Session
) -> HttpResponse:
    """Preview the split of the proctors, and do it."""
    return _split_page(
        model_admin,
        request,
        session,
        ReasonForm(request.POST or None),
        title=_("Split the proctors over the rooms"),
        preview=seen.preview_proctors(session),
        act=lambda data, at: split_proctors(
            session, reason=data["reason"], by=request.user, at=at
        ),
        whom=None,
    )


def _split_page(
    model_admin: ModelAdmin,
    request: HttpRequest,
    session: Session,
    form: forms.Form,
    *,
    title: Promise,
    preview: seen.Preview,
    act: Callable,
    whom: str | None,
) -> HttpResponse:
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            split = act(form.cleaned_data, clock.now())
        except Refusal as error:
            refusal = error
        else:
            messages.success(
                request,
                _("Split over the rooms. Seed: %(seed)s") % {"seed": split.seed},
            )
            return redirect(page_url(session, "rooms"))
    return shown(
        model_admin,
        request,
        "admin/split.html",
        row=session,
        refusal=refusal,
        title=title,
        form=form,
        preview=preview,
        whom=whom,
        back=page_url(session, "rooms"),
    )


def move(
    model_admin: ModelAdmin, request: HttpRequest, attempt: Attempt
) -> HttpResponse:
    """Move one attempt; after the freeze ask for it, or be the second person."""
    at = clock.now()
    session, waiting = attempt.session, seen.waiting_move(attempt, at=at)
    form = MoveForm(
        request.POST or None if not waiting else None, lines=seen.room_lines(session)
    )
    refusal = None
    if request.method == "POST" and (waiting or form.is_valid()):
        try:
            done = _move(request, attempt, waiting, form, at)
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, done)
            return redirect(page_url(session, "rooms"))
    return shown(
        model_admin,
        request,
        "admin/move.html",
        row=attempt,
        refusal=refusal,
        title=_("Move to another room"),
        form=form,
        waiting=waiting,
        is_own=waiting is not None and waiting.asked_by_id == request.user.pk,
        moves=list(seen.moves_of(attempt)),
    )


def _move(request, attempt: Attempt, waiting, form: MoveForm, at) -> Promise:
    if waiting:
        approve_move(waiting, by=request.user, at=at)
        return _("Approved. The candidate has moved.")
    to = Room.objects.get(pk=form.cleaned_data["room"])
    act = ask_to_move if attempt.session.frozen_at else move_attempt
    act(attempt, to=to, reason=form.cleaned_data["reason"], by=request.user, at=at)
    if attempt.session.frozen_at:
        return _("Asked for. Another administrator has to approve it.")
    return _("The candidate has moved.")


SESSION_PAGES = (
    Page("rooms", _("Rooms"), rooms),
    Page(
        "split-candidates",
        _("Split the candidates over the rooms"),
        split_candidates_page,
    ),
    Page("split-proctors", _("Split the proctors over the rooms"), split_proctors_page),
)
ATTEMPT_PAGES = (Page("move", _("Move to another room"), move),)
