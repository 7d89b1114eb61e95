"""The audit trail: append-only, hash-chained per session, guarded by triggers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One act of one actor. `digest` covers `previous` and every other column.

    `chain` is a session's code or `system`; `actor_ref` is opaque, never a name.
    """

    chain = models.CharField(max_length=20)
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField(_("at"))
    action = models.CharField(_("action"), max_length=60)
    actor_kind = models.CharField(_("actor"), max_length=12)
    actor_ref = models.CharField(max_length=64)
    subject = models.CharField(_("subject"), max_length=80)
    facts = models.JSONField(_("facts"))
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        constraints = [
            models.UniqueConstraint(
                name="audit_seq_once_per_chain", fields=["chain", "seq"]
            )
        ]
        indexes = [
            models.Index(name="audit_by_subject", fields=["subject"]),
            # As the trail is read: one act, or one actor, the newest first.
            models.Index(name="audit_by_action", fields=["action", "id"]),
            models.Index(name="audit_by_actor", fields=["actor_ref", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.chain}#{self.seq} {self.action}"
