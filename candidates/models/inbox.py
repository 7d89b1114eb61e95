"""What the portal tells one candidate, from whichever floor it comes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import InboxKind
from exams.kernel.tokens import random_code


def item_code() -> str:
    return random_code(16)


class InboxItem(models.Model):
    """One message to an attempt; `link` is a page of the floor that sent it.

    Delivered by a call from above and shown at home, on the exam page and the phone.
    """

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField(max_length=20, unique=True, default=item_code)
    kind = models.CharField(_("kind"), max_length=14, choices=InboxKind.choices)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), default="")
    link = models.CharField(max_length=200, default="")
    due_at = models.DateTimeField(_("due"), null=True)
    must_acknowledge = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("sent at"))
    read_at = models.DateTimeField(_("read at"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True)
    erased_at = models.DateTimeField(_("deleted by the retention rule"), null=True)

    class Meta:
        verbose_name = _("message to a candidate")
        verbose_name_plural = _("messages to candidates")
        indexes = [models.Index(name="inbox_of_attempt", fields=["attempt", "id"])]

    def __str__(self) -> str:
        return self.code
