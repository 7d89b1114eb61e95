"""Rows that are made on one page of their own, and opened on another."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.urls import path
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import state_badge
from exams.admin.base import ReadOnlyAdmin


class OwnPagesAdmin(ReadOnlyAdmin):
    """`own_pages` are `(route, view, name)`; a view gets this admin, then the request.

    `states` gives tone and icon of each state, for the column `shown_state`.
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
