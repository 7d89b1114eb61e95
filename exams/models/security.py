"""The ways into an account: second step, recovery codes, one-time links, locks."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.kernel.fields import SealedTextField


class SecondFactor(models.Model):
    """The shared secret of one person's authenticator app, encrypted (base 32).

    It counts once `confirmed_at` is set. `last_step` is the newest time step that was
    used, so that no code is taken twice.
    """

    staff = models.OneToOneField(
        "exams.Staff", on_delete=models.PROTECT, related_name="second_factor"
    )
    secret = SealedTextField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return f"second step of {self.staff_id}"


class RecoveryCode(models.Model):
    """One of ten codes that replace the app once; only a keyed hash is kept."""

    factor = models.ForeignKey(
        SecondFactor, on_delete=models.CASCADE, related_name="codes"
    )
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery code of {self.factor_id}"


class OneTimeLink(models.Model):
    """A link with which one person sets a password, once and not for long."""

    staff = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="links"
    )
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link of {self.staff_id}"


class SignInLock(models.Model):
    """Wrong passwords of one account or one address; the key is a keyed hash.

    `staff` is null where nobody has the account that was tried, and for an address.
    `address` is encrypted, and only there while the address is or was just locked.
    """

    key = models.CharField(max_length=64, unique=True)
    staff = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    address = SealedTextField(_("address"), default="", blank=True)
    failures = models.PositiveIntegerField(_("wrong passwords or codes"), default=0)
    first_at = models.DateTimeField(_("since"))
    locked_until = models.DateTimeField(_("locked until"), null=True)

    class Meta:
        verbose_name = _("locked sign-in")
        verbose_name_plural = _("locked sign-ins")

    def __str__(self) -> str:
        return self.key[:8]
