"""Admission tickets: one making of a session's, and its files."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import TicketProblem, TicketsState
from exams.kernel.tokens import random_code


class TicketBatch(models.Model):
    """The tickets of one session in one language, made by a background job.

    `entry_url` is the candidates' address as the administrator's browser saw it: a job
    has no request to ask. `problem` is a refusal's code and `facts` its facts when the
    whole could not be made. `has_files` until the files of a replaced one are deleted.
    """

    code = models.CharField(max_length=16, unique=True, default=random_code)
    session = models.ForeignKey(
        "exams.Session", on_delete=models.PROTECT, related_name="+"
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES
    )
    state = models.CharField(
        max_length=12, choices=TicketsState.choices, default=TicketsState.MAKING
    )
    entry_url = models.CharField(max_length=300)
    requested_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(_("published at"), null=True)
    problem = models.CharField(max_length=40, default="", blank=True)
    facts = models.JSONField(default=dict)
    has_files = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("admission tickets")
        verbose_name_plural = _("admission tickets")
        constraints = [
            models.UniqueConstraint(
                name="tickets_made_once_at_a_time",
                fields=["session", "language"],
                condition=models.Q(state=TicketsState.MAKING),
            ),
            models.UniqueConstraint(
                name="tickets_published_once",
                fields=["session", "language"],
                condition=models.Q(state=TicketsState.PUBLISHED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} · {self.get_language_display()}"


class Ticket(models.Model):
    """One file: a candidate's ticket, or (without `enrolment`) all of a room's.

    `digest` is of what is printed, not of the bytes: the file is out of date when the
    roster, the session or the project now say something else. `path` is relative to
    `TICKETS_ROOT` and empty when no file could be made; `problem` says why.
    """

    batch = models.ForeignKey(
        TicketBatch, on_delete=models.CASCADE, related_name="tickets"
    )
    code = models.CharField(max_length=24, unique=True)
    enrolment = models.ForeignKey(
        "candidates.Enrolment", on_delete=models.CASCADE, null=True, related_name="+"
    )
    room = models.ForeignKey(
        "exams.Room", on_delete=models.CASCADE, null=True, related_name="+"
    )
    made_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, default="")
    path = models.CharField(max_length=80, default="")
    pages = models.PositiveIntegerField(default=0)
    problem = models.CharField(
        max_length=10, choices=TicketProblem.choices, default="", blank=True
    )
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("admission ticket")
        verbose_name_plural = _("single tickets")
        constraints = [
            models.UniqueConstraint(
                name="ticket_once_per_candidate",
                fields=["batch", "enrolment"],
                condition=models.Q(enrolment__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code
