"""Rows that are made on one page of their own, and opened on another."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import state_badge
from exams.admin.base import ReadOnlyAdmin
from exams.admin.steps import Text
from exams.kernel.errors import NotAllowed, Refusal


class OwnPagesAdmin(ReadOnlyAdmin):
    """`own_pages` are `(route, view, name)`; a view gets this admin, then the request.

    `states` gives tone and icon of each state, for the column `shown_state`. The other
    methods are what such views are made of.
    """

    own_pages: ClassVar[tuple[tuple[str, Callable, str], ...]] = ()
    states: ClassVar[dict[str, tuple[str, str]]] = {}

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = [
            path(route, wrap(partial(view, self)), name=name)
            for route, view, name in self.own_pages
        ]
        return own + super().get_urls()

    def has_add_permission(self, request):
        codename = get_permission_codename("add", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj):
        return state_badge(self.states, obj.state, obj.get_state_display())

    def require_add(self, request: HttpRequest) -> None:
        """Raise `NotAllowed` for whoever may not make such a row."""
        if not self.has_add_permission(request):
            raise NotAllowed

    def row_or_404(self, request: HttpRequest, pk: int) -> Model:
        """Return the row, of whoever may see it."""
        row = self.get_object(request, str(pk))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row

    def own_page(
        self,
        request: HttpRequest,
        template: str,
        *,
        refusal: Refusal | None = None,
        **more: object,
    ) -> TemplateResponse:
        """Render a page of the admin; a refusal gives it its status."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "refusal": refusal,
            **more,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, template, context, status=status)

    def making_page(
        self,
        request: HttpRequest,
        template: str,
        *,
        form: forms.Form,
        make: Callable[[dict], Model],
        then: str,
        **more: object,
    ) -> HttpResponse:
        """Ask with the form, make a row of its answers and go `then`, to its page.

        What is refused stays on the page, with why.
        """
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                row = make(form.cleaned_data)
            except Refusal as error:
                refusal = error
            else:
                return redirect(then, pk=row.pk)
        return self.own_page(request, template, form=form, refusal=refusal, **more)

    def deciding_post(
        self,
        request: HttpRequest,
        pk: int,
        *,
        decide: Callable[[Model], Text],
        again: Callable[..., HttpResponse],
        then: str,
    ) -> HttpResponse:
        """Decide about the row, say so and go `then`; refused, the page comes `again`.

        `decide` returns what is said; `again` takes this admin, the request, the row
        and the refusal.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.row_or_404(request, pk)
        self.require_add(request)
        try:
            words = decide(row)
        except Refusal as refusal:
            return again(self, request, row, refusal=refusal)
        messages.success(request, words)
        return redirect(then)
