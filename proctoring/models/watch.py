"""Who looked at whom, and what waits for an answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Watch(models.Model):
    """One member of staff had one attempt enlarged; audited when it began."""

    staff = models.ForeignKey("exams.Staff", on_delete=models.PROTECT, related_name="+")
    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        indexes = [models.Index(name="watch_newest", fields=["staff", "attempt"])]
        constraints = [
            models.CheckConstraint(
                name="watch_ends_after_it_began",
                condition=models.Q(to_at__gte=models.F("from_at")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} → {self.attempt_id}"


class HelpWaiting(models.Model):
    """How many messages of a candidate nobody has read: told by the floor above."""

    attempt = models.OneToOneField(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    unread = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.attempt_id}: {self.unread}"
