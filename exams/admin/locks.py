"""Sign-ins that are locked after wrong passwords, by account and by address."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import badge
from exams.admin.base import ReadOnlyAdmin
from exams.admin.steps import Step, StepsMixin
from exams.domain import sign_in_locks
from exams.kernel import clock
from exams.models import SignInLock


def _what(row):
    if row.address:
        return _("Address %(address)s") % {"address": row.address}
    if row.staff:
        return _("Account: %(name)s") % {"name": row.staff.username}
    return _("A name that no account has")


def _is_locked(row) -> bool:
    return row.locked_until is not None and row.locked_until > clock.now()


UNLOCK = Step(
    name="unlock",
    title=_("Unlock the sign-in"),
    effect=_("Wrong passwords of before no longer count."),
    final=_("After as many wrong ones again it is locked again."),
    done=_("The sign-in is unlocked."),
    act=lambda row, by, at, reason: sign_in_locks.lift(row, by=by, at=at),
    fits=_is_locked,
    extent=_what,
)


@admin.register(SignInLock)
class SignInLockAdmin(StepsMixin, ReadOnlyAdmin):
    """What is locked now; superusers only, as an address is nobody's project."""

    steps = (UNLOCK,)
    change_form_template = "admin/steps_change_form.html"
    list_display = ["what", "failures", "first_at", "locked_until"]
    list_select_related = ["staff"]
    ordering = ["-locked_until"]
    fields = ["what", ("failures", "first_at"), "shown_state"]
    readonly_fields = ["what", "shown_state"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            return rows.filter(locked_until__gt=clock.now())
        return rows.select_related("staff")

    @admin.display(description=_("sign-in"))
    def what(self, obj):
        return _what(obj)

    @admin.display(description=_("state"))
    def shown_state(self, obj):
        if not _is_locked(obj):
            return badge(_("Not locked"), "idle", "none")
        return badge(_("Locked"), "bad", "lock")
