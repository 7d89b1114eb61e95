"""A message to many, and to whom it went."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.kernel.tokens import random_code


def announcement_code() -> str:
    return random_code(12)


class Announcement(models.Model):
    """Said to a whole session, or to one room of it.

    `client_id` is made with the form, so that pressing twice announces once.
    """

    code = models.CharField(
        max_length=16, unique=True, default=announcement_code, editable=False
    )
    client_id = models.UUIDField(unique=True)
    session = models.ForeignKey(
        "exams.Session", on_delete=models.PROTECT, related_name="+"
    )
    room = models.ForeignKey(
        "exams.Room", on_delete=models.PROTECT, null=True, related_name="+"
    )
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"))
    by = models.ForeignKey("exams.Staff", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """That an attempt's inbox holds the announcement; at most one per attempt."""

    announcement = models.ForeignKey(
        Announcement, on_delete=models.PROTECT, related_name="deliveries"
    )
    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    item = models.OneToOneField(
        "candidates.InboxItem", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="announcement_delivered_once", fields=["announcement", "attempt"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} → {self.attempt_id}"
