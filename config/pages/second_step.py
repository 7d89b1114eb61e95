"""What a password alone does not open: second step, new password, one-time link.

Also the page on which signed-in staff look after their own password and app.
"""

import base64

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from candidates.access import client_address
from candidates.domain.pairing import qr_svg
from config.pages.sign_in import go_on, keep_pending, pending_of
from exams.domain import accounts, second_factor, sign_in_locks
from exams.kernel import clock
from exams.kernel.errors import BadInput, Refusal
from exams.models import Staff

PAGE_METHODS = ["GET", "HEAD", "POST"]


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Six digits of the app, or a recovery code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false"}
        ),
    )


class PasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(
        label=_("New password"),
        max_length=128,
        strip=False,
        help_text=_("At least ten characters, and none that many people use."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password again"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password", again):
            raise forms.ValidationError(_("The two are not the same."))
        return again


class OwnPasswordForm(PasswordForm):
    """The same for somebody who is signed in: the present password comes first."""

    present = forms.CharField(
        label=_("Present password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["present", "password", "again"]


@never_cache
@require_http_methods(PAGE_METHODS)
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the code; without an app, set one up first and show recovery codes."""
    pending = pending_of(request)
    if pending is None or pending.is_second_done:
        return go_on(request)
    staff = pending.staff
    enrolled = second_factor.is_enrolled(staff)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code, codes = form.cleaned_data["code"], []
        try:
            codes = _take(request, staff, code, enrolled=enrolled)
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            keep_pending(request, staff, second=True)
            if codes:
                return _codes_page(request, codes)
            return go_on(request)
    context = {"form": form, "enrolled": enrolled, **_app(staff, enrolled=enrolled)}
    return render(request, "staff/second_step.html", context, status=_status(form))


@never_cache
@require_http_methods(PAGE_METHODS)
def new_password(request: HttpRequest) -> HttpResponse:
    """Replace a temporary password, as a step of signing in."""
    pending = pending_of(request)
    if pending is None or not pending.staff.must_change_password:
        return go_on(request)
    if not pending.is_second_done and second_factor.is_enrolled(pending.staff):
        return go_on(request)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            staff = accounts.change_password(
                pending.staff, password=form.cleaned_data["password"], at=clock.now()
            )
        except BadInput as refusal:
            form.add_error("password", str(refusal.facts["reason"]))
        else:
            keep_pending(request, staff, second=False)
            return go_on(request)
    context = {
        "form": form,
        "title": _("Choose your own password"),
        "text": _("Your password was temporary. Choose one that only you know."),
    }
    return render(request, "staff/password.html", context, status=_status(form))


@never_cache
@require_http_methods(PAGE_METHODS)
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password by a one-time link; then the ordinary sign-in follows."""
    staff = accounts.owner_of_link(token, at=clock.now())
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.use_link(
                token, password=form.cleaned_data["password"], at=clock.now()
            )
        except BadInput as refusal:
            form.add_error("password", str(refusal.facts["reason"]))
        else:
            messages.success(request, _("The password is set. Sign in with it now."))
            return redirect("staff:sign-in")
    context = {
        "form": form,
        "title": _("Set your password"),
        "text": _("Account: %(name)s. The link ends with this.")
        % {"name": staff.username},
    }
    return render(request, "staff/password.html", context, status=_status(form))


@login_required
@never_cache
@require_http_methods(PAGE_METHODS)
def security(request: HttpRequest) -> HttpResponse:
    """Change the own password, set up the app, make new recovery codes."""
    act = request.POST.get("act", "")
    enrolled = second_factor.is_enrolled(request.user)
    password = OwnPasswordForm(request.POST if act == "password" else None)
    code = CodeForm(request.POST if act == "code" else None)
    if act == "password" and password.is_valid() and _changed(request, password):
        messages.success(request, _("The password is changed."))
        return redirect("staff:security")
    if act == "code" and code.is_valid():
        act_on = second_factor.renew_codes if enrolled else second_factor.confirm
        try:
            _refuse_locked(request, request.user)
            codes = act_on(request.user, code=code.cleaned_data["code"], at=clock.now())
        except Refusal as refusal:
            code.add_error("code", str(refusal))
            _count(request, request.user)
        else:
            return _codes_page(request, codes)
    context = {
        "password": password,
        "code": code,
        "enrolled": enrolled,
        "left": second_factor.codes_left(request.user),
        **_app(request.user, enrolled=enrolled),
    }
    status = max(_status(password), _status(code))
    return render(request, "staff/security.html", context, status=status)


def _take(
    request: HttpRequest, staff: Staff, code: str, *, enrolled: bool
) -> list[str]:
    """Check a code within the account's tries; return new recovery codes, if any."""
    _refuse_locked(request, staff)
    try:
        if enrolled:
            second_factor.check(staff, code=code, at=clock.now())
            return []
        return second_factor.confirm(staff, code=code, at=clock.now())
    except second_factor.WrongCode:
        _count(request, staff)
        raise


def _changed(request: HttpRequest, form: OwnPasswordForm) -> bool:
    """Change the own password, or put the reason against it beside its field."""
    try:
        _refuse_locked(request, request.user)
    except Refusal as refusal:
        form.add_error("present", str(refusal))
        return False
    if not request.user.check_password(form.cleaned_data["present"]):
        _count(request, request.user)
        form.add_error("present", _("This is not your present password."))
        return False
    try:
        staff = accounts.change_password(
            request.user, password=form.cleaned_data["password"], at=clock.now()
        )
    except BadInput as refusal:
        form.add_error("password", str(refusal.facts["reason"]))
        return False
    # This browser stays signed in; every other one is not.
    update_session_auth_hash(request, staff)
    return True


def _refuse_locked(request: HttpRequest, staff: Staff) -> None:
    sign_in_locks.require_open(staff.username, client_address(request), at=clock.now())


def _count(request: HttpRequest, staff: Staff) -> None:
    sign_in_locks.count_failure(staff.username, client_address(request), at=clock.now())


def _app(staff: Staff, *, enrolled: bool) -> dict:
    """Return what is scanned to set up an app; nothing once one is confirmed."""
    if enrolled:
        return {}
    address = second_factor.begin(staff)
    picture = base64.b64encode(qr_svg(address).encode()).decode()
    secret = address.split("secret=")[1].split("&")[0]
    return {
        "picture": picture,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    shown = [f"{code[:5]}-{code[5:]}" for code in codes]
    return render(request, "staff/recovery_codes.html", {"codes": shown})


def _status(form: forms.Form) -> int:
    return 422 if form.is_bound and form.errors else 200
