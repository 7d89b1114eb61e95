"""The pivot: one anonymous passage through one session."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.enums import AttemptState
from exams.kernel.tokens import random_code


def attempt_code() -> str:
    return random_code(16)


class Attempt(models.Model):
    """A random code, a session, a state; no name, no face.

    What scoring needs to know of the person is pushed down as opaque values:
    `ranking_group`, `written_mark`, and `Exclusion` rows.
    """

    # Its index is `attempt_by_state`.
    session = models.ForeignKey(
        "exams.Session",
        on_delete=models.PROTECT,
        related_name="attempts",
        db_index=False,
    )
    room = models.ForeignKey(
        "exams.Room",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attempts",
        verbose_name=_("room"),
    )
    code = models.CharField(max_length=20, default=attempt_code, editable=False)
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=AttemptState.choices,
        default=AttemptState.ENROLLED,
        editable=False,
    )
    starts_at = models.DateTimeField(_("own start"), null=True, blank=True)
    entry_until = models.DateTimeField(_("entry reopened until"), null=True, blank=True)
    extra_seconds = models.PositiveIntegerField(
        _("accommodation: extra time (s)"), default=0
    )
    entered_at = models.DateTimeField(_("entered at"), null=True, editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    submitted_by = models.CharField(max_length=10, default="", editable=False)
    ranking_group = models.CharField(max_length=64, default="", editable=False)
    written_mark = models.DecimalField(
        max_digits=7, decimal_places=3, null=True, editable=False
    )

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [models.Index(name="attempt_by_state", fields=["session", "state"])]
        constraints = [
            # No `unique` and its two indexes: this one finds beginnings as well.
            models.UniqueConstraint(
                name="attempt_code_once",
                fields=["code"],
                opclasses=["varchar_pattern_ops"],
            ),
            models.CheckConstraint(
                name="attempt_submitted_by_known",
                condition=models.Q(
                    submitted_by__in=["", "candidate", "deadline", "official"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def paper_id(self) -> int | None:
        """The key of the paper that is asked: the room's, or the session's."""
        drawn = self.room.paper_id if self.room_id else None
        return drawn or self.session.paper_id


class Exclusion(models.Model):
    """This examiner must not score this attempt (a declared conflict)."""

    staff = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="exclusions"
    )
    attempt = models.ForeignKey(
        Attempt, on_delete=models.PROTECT, related_name="exclusions"
    )

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        constraints = [
            models.UniqueConstraint(name="exclusion_once", fields=["staff", "attempt"])
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} ≠ {self.attempt_id}"
