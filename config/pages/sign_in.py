"""Signing in as staff: a password, not wrong too often, then whatever is missing.

Nobody is signed in before every step is done: until then the session only holds who
gave the password, so that no page, socket or API takes half a sign-in for a whole one.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from candidates.access import client_address
from exams.domain import second_factor, sign_in_locks
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.models import Staff

PENDING = "pending_sign_in"
PENDING_LIFETIME = timedelta(minutes=15)
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass
class Pending:
    """Who gave the password, and how far: stored in the session under `PENDING`."""

    staff: Staff
    next: str
    is_second_done: bool


class CountingForm:
    """An authentication form that counts wrong passwords and refuses while locked."""

    def clean(self) -> dict:
        name, at = self.cleaned_data.get("username"), clock.now()
        if not name or not self.cleaned_data.get("password"):
            return super().clean()
        address = client_address(self.request)
        try:
            sign_in_locks.require_open(name, address, at=at)
        except Refusal as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from refusal
        try:
            return super().clean()
        except ValidationError:
            sign_in_locks.count_failure(name, address, at=at)
            raise


class StaffForm(CountingForm, AuthenticationForm):
    pass


class AdminForm(CountingForm, AdminAuthenticationForm):
    pass


class SignIn(auth_views.LoginView):
    """The password; what else the account needs follows on pages of its own."""

    template_name = "staff/sign_in.html"
    authentication_form = StaffForm
    redirect_authenticated_user = True
    # Not `put`, which the stock form page takes for a post.
    http_method_names = ["get", "head", "post", "options"]

    def form_valid(self, form) -> HttpResponse:
        staff = form.get_user()
        self.request.session.cycle_key()
        self.request.session[PENDING] = {
            "staff": staff.pk,
            "hash": staff.get_session_auth_hash(),
            "until": clock.milliseconds(clock.now() + PENDING_LIFETIME),
            "next": self.get_success_url(),
            "second": False,
        }
        return go_on(self.request)


class AdminSignIn(SignIn):
    template_name = "admin/login.html"
    authentication_form = AdminForm
    redirect_authenticated_user = False

    def get_default_redirect_url(self) -> str:
        return reverse("admin:index")


sign_out = auth_views.LogoutView.as_view(next_page="staff:sign-in")


def pending_of(request: HttpRequest) -> Pending | None:
    """Return who is half signed in, read anew; `None` when it is over or void."""
    held = request.session.get(PENDING)
    if not held or held["until"] <= clock.milliseconds(clock.now()):
        return None
    staff = Staff.objects.filter(pk=held["staff"], is_active=True).first()
    if staff is None or staff.get_session_auth_hash() != held["hash"]:
        return None
    return Pending(staff, held["next"], held["second"])


def keep_pending(request: HttpRequest, staff: Staff, *, second: bool) -> None:
    """Note that a step is done; a changed password changes what is compared."""
    held = request.session[PENDING]
    request.session[PENDING] = {
        **held,
        "hash": staff.get_session_auth_hash(),
        "second": held["second"] or second,
    }


def go_on(request: HttpRequest) -> HttpResponseRedirect:
    """Send on to the next missing step, or sign in and go where the person wanted."""
    pending = pending_of(request)
    if pending is None:
        return redirect("staff:sign-in")
    staff = pending.staff
    enrolled = second_factor.is_enrolled(staff)
    if not pending.is_second_done and (enrolled or second_factor.is_required(staff)):
        return redirect("staff:second-step")
    if staff.must_change_password:
        return redirect("staff:new-password")
    finish(request, staff)
    return redirect(pending.next)


def finish(request: HttpRequest, staff: Staff) -> None:
    """Sign in for good."""
    request.session.pop(PENDING, None)
    sign_in_locks.forget_failures(staff.username)
    login(request, staff, backend=BACKEND)
