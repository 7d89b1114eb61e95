"""What is done to a frozen session after all: two people, a reason, and a trace."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.enums import EmergencyKind
from exams.kernel.tokens import random_code
from exams.models.approval import Approval
from exams.models.project import Session


class Emergency(models.Model):
    """One operation on a frozen session, asked for, and carried out once.

    `arguments` say what is to be done, `before` what held when it was asked for; the
    approval's digest is over both. Only `done_at` is filled in later.
    """

    code = models.CharField(
        max_length=20, unique=True, default=random_code, editable=False
    )
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="emergencies"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=EmergencyKind.choices)
    arguments = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    approval = models.OneToOneField(
        Approval, on_delete=models.PROTECT, related_name="emergency"
    )
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("emergency operation")
        verbose_name_plural = _("emergency operations")

    def __str__(self) -> str:
        return self.code
