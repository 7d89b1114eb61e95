"""Somebody who comes on the roster after the freeze: two people, a reason, a trace."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.kernel.fields import SealedTextField
from exams.kernel.tokens import random_code


class Latecomer(models.Model):
    """One person asked for; enrolled once, when a second administrator agrees.

    `person` is the row of the roster as typed, `{field: text}` in JSON, encrypted and
    emptied when it is done; the approval's digest is over its keyed hash.
    """

    code = models.CharField(
        max_length=20, unique=True, default=random_code, editable=False
    )
    session = models.ForeignKey(
        "exams.Session",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("session"),
    )
    ticket_number = models.CharField(_("ticket number"), max_length=40)
    person = SealedTextField(default="")
    approval = models.OneToOneField(
        "exams.Approval", on_delete=models.PROTECT, related_name="+"
    )
    attempt = models.OneToOneField(
        "exams.Attempt", on_delete=models.PROTECT, null=True, related_name="+"
    )
    done_at = models.DateTimeField(_("enrolled at"), null=True)

    class Meta:
        verbose_name = _("candidate added late")
        verbose_name_plural = _("candidates added late")
        constraints = [
            models.CheckConstraint(
                name="latecomer_done_with_attempt",
                condition=models.Q(done_at__isnull=True, attempt__isnull=True)
                | models.Q(done_at__isnull=False, attempt__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.ticket_number
