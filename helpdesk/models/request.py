"""One conversation with the helpdesk: who asks, what was said, how far it was read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.kernel.fields import SealedTextField
from exams.kernel.tokens import random_code
from helpdesk.enums import RequestState, Side, Topic


def request_code() -> str:
    return random_code(16)


class Request(models.Model):
    """One conversation of one attempt, or of one browser that is not signed in yet.

    `asker_digest` is the digest of the browser's secret; it opens the conversation
    only while there is no attempt. `ticket_number` is what the asker typed, unproven.
    `waiting_since` is when the first message came that nobody has answered.
    """

    code = models.CharField(
        max_length=20, unique=True, default=request_code, editable=False
    )
    project = models.ForeignKey(
        "exams.Project", on_delete=models.PROTECT, related_name="+"
    )
    attempt = models.OneToOneField(
        "exams.Attempt", on_delete=models.PROTECT, null=True, related_name="+"
    )
    asker_digest = models.CharField(max_length=64, default="", editable=False)
    source = models.CharField(max_length=64, default="", editable=False)
    ticket_number = models.CharField(_("ticket number"), max_length=40, default="")
    topic = models.CharField(
        _("topic"), max_length=10, choices=Topic.choices, default=Topic.OTHER
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=RequestState.choices,
        default=RequestState.OPEN,
        editable=False,
    )
    owner = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    diagnostics = models.JSONField(default=dict)
    last_seq = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(_("opened at"))
    last_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(_("deleted by the retention rule"), null=True)

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        constraints = [
            models.UniqueConstraint(
                name="one_request_per_unsigned_browser",
                fields=["project", "asker_digest"],
                condition=models.Q(attempt__isnull=True),
            )
        ]
        indexes = [
            models.Index(name="request_queue", fields=["project", "state"]),
            models.Index(name="request_by_source", fields=["source", "opened_at"]),
        ]

    def __str__(self) -> str:
        return self.code


class Message(models.Model):
    """One thing said; `client_id` is made by the sender and makes a repeat harmless.

    The text may hold what a person tells of themselves: it is encrypted at rest.
    """

    request = models.ForeignKey(
        Request, on_delete=models.PROTECT, related_name="messages"
    )
    seq = models.PositiveIntegerField()
    author = models.CharField(max_length=10, choices=Side.choices)
    by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    client_id = models.UUIDField()
    text = SealedTextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                name="message_seq_once_per_request", fields=["request", "seq"]
            ),
            models.UniqueConstraint(
                name="message_client_id_once_per_request",
                fields=["request", "client_id"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}#{self.seq}"


class ReadMark(models.Model):
    """How far one side has seen the conversation; it only ever rises."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="marks")
    side = models.CharField(max_length=10, choices=Side.choices)
    upto = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="read_mark_once_per_side", fields=["request", "side"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.side} ≤ {self.upto}"
