"""Who has seen which warning about a session, and when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.models.project import Session
from exams.models.staff import Staff


class Acknowledgement(models.Model):
    """One warning that a person has taken note of; only added to.

    `digest` is over the warning's words and facts: when one of them changes, the
    warning is a new one and shows again (G1, G4).
    """

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    code = models.CharField(_("warning"), max_length=40)
    facts = models.JSONField(_("facts"), default=dict)
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("acknowledged warning")
        verbose_name_plural = _("acknowledged warnings")
        constraints = [
            models.UniqueConstraint(
                name="warning_acknowledged_once", fields=["session", "digest"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.code}"
