"""Tokens with which other systems read one project."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A right to read, of one project; the secret itself is kept as a digest only."""

    project = models.ForeignKey(
        "exams.Project",
        on_delete=models.PROTECT,
        related_name="api_tokens",
        verbose_name=_("project"),
    )
    name = models.CharField(_("used by"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    head = models.CharField(_("begins with"), max_length=12, editable=False)
    scopes = models.JSONField(_("may read"))
    made_by = models.ForeignKey(
        "exams.Staff",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("made by"),
    )
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.head}…)"
