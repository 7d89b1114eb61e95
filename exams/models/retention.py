"""Deletions when a time is over: who asked, of what, and what held it back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.enums import RetentionClass, RetentionOutcome, RetentionState
from exams.kernel.tokens import random_code
from exams.models.approval import Approval


class Hold(models.Model):
    """Nothing of this attempt is deleted while the hold lasts. A trigger keeps it."""

    code = models.CharField(
        max_length=20, unique=True, default=random_code, editable=False
    )
    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="holds"
    )
    reason = models.TextField(_("reason"))
    set_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.TextField(default="", blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                name="one_hold_per_attempt",
                fields=["attempt"],
                condition=models.Q(lifted_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.code


class RetentionRun(models.Model):
    """One deletion in one project: what was due at `cutoff`, agreed to by two people.

    `kinds` are values of `RetentionClass`. The approval's digest is over the plan,
    which is `items`; `certificate_digest` over the certificate, once it is finished.
    """

    code = models.CharField(
        max_length=20, unique=True, default=random_code, editable=False
    )
    project = models.ForeignKey(
        "exams.Project", on_delete=models.PROTECT, related_name="retention_runs"
    )
    kinds = models.JSONField()
    cutoff = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=RetentionState.choices, default=RetentionState.ASKED
    )
    approval = models.OneToOneField(
        Approval, on_delete=models.PROTECT, related_name="retention_run"
    )
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    certificate_digest = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        verbose_name = _("deletion")
        verbose_name_plural = _("deletions")
        constraints = [
            models.UniqueConstraint(
                name="one_open_deletion_per_project",
                fields=["project"],
                condition=models.Q(state__in=["asked", "running"]),
            )
        ]

    def __str__(self) -> str:
        return self.code


class RetentionItem(models.Model):
    """One thing of the plan, deleted as a whole by the floor that has it.

    `ref` is an opaque code, `digest` what stays as a proof of what it was: a manifest's
    SHA-256, or one over what it consisted of. Only the outcome is filled in later.
    """

    run = models.ForeignKey(
        RetentionRun, on_delete=models.PROTECT, related_name="items"
    )
    floor = models.CharField(max_length=12)
    kind = models.CharField(max_length=10, choices=RetentionClass.choices)
    ref = models.CharField(max_length=60)
    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, null=True, related_name="+"
    )
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    outcome = models.CharField(
        max_length=8,
        choices=RetentionOutcome.choices,
        null=True,
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("deleted thing")
        verbose_name_plural = _("deleted things")
        constraints = [
            models.UniqueConstraint(
                name="retention_item_once_per_run",
                fields=["run", "floor", "kind", "ref"],
            )
        ]
        indexes = [models.Index(name="retention_item_left", fields=["run", "outcome"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
