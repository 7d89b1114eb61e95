"""Acts of two people: what one asked for and another agreed to; cancelled scores."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.enums import ApprovalAction, VoidKind
from exams.kernel.tokens import random_code


class Approval(models.Model):
    """One act that waits for, or has, a second person's yes.

    It belongs to a session, or to a project as a whole. `digest` covers the whole of
    what is to be done; the facts themselves stay with their owner. Triggers let
    `approved_by` and `approved_at` be filled once, and nothing else change.
    """

    code = models.CharField(
        max_length=20, unique=True, default=random_code, editable=False
    )
    session = models.ForeignKey(
        "exams.Session", on_delete=models.PROTECT, null=True, related_name="approvals"
    )
    project = models.ForeignKey(
        "exams.Project", on_delete=models.PROTECT, null=True, related_name="approvals"
    )
    action = models.CharField(
        _("action"), max_length=20, choices=ApprovalAction.choices
    )
    subject = models.CharField(_("subject"), max_length=80)
    digest = models.CharField(max_length=64)
    reason = models.TextField(_("reason"))
    requested_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="requested_approvals"
    )
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        "exams.Staff",
        on_delete=models.PROTECT,
        null=True,
        related_name="given_approvals",
    )
    approved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.CheckConstraint(
                name="approval_needs_two_people",
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("requested_by")),
            ),
            models.CheckConstraint(
                name="approval_has_a_person_and_a_time",
                condition=models.Q(approved_by__isnull=True, approved_at__isnull=True)
                | models.Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="approval_is_of_a_session_or_a_project",
                condition=models.Q(session__isnull=False, project__isnull=True)
                | models.Q(session__isnull=True, project__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Void(models.Model):
    """One turn of an attempt's score: cancelled, or brought back. Append-only.

    The newest turn counts. `ref` is the opaque code of the case that led to it; an
    approval serves one turn.
    """

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="voids"
    )
    turn = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=VoidKind.choices)
    reason = models.TextField(_("reason"))
    approval = models.OneToOneField(
        Approval, on_delete=models.PROTECT, related_name="void"
    )
    ref = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("cancelled score")
        verbose_name_plural = _("cancelled scores")
        constraints = [
            models.UniqueConstraint(
                name="void_turn_once_per_attempt", fields=["attempt", "turn"]
            ),
            models.CheckConstraint(
                name="void_comes_before_its_restore",
                condition=models.Q(turn__gte=2) | models.Q(turn=1, kind="void"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.kind}"
