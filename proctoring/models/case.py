"""A judged violation: what is held against whom, what they say, what is decided."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.kernel.tokens import random_code
from proctoring.enums import CaseState, Outcome, StatementKind


class Case(models.Model):
    """One violation of one article by one attempt; its facts are fixed by a trigger."""

    code = models.CharField(
        max_length=20, unique=True, default=random_code, editable=False
    )
    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    article = models.ForeignKey(
        "proctoring.Article", on_delete=models.PROTECT, related_name="cases"
    )
    facts = models.TextField(_("facts"), max_length=2000)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    state = models.CharField(
        _("state"), max_length=10, choices=CaseState.choices, default=CaseState.OPENED
    )
    confirmed_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.CheckConstraint(
                name="case_is_confirmed_by_another_person",
                condition=models.Q(confirmed_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("opened_by")),
            ),
            models.CheckConstraint(
                name="case_goes_on_only_confirmed",
                condition=models.Q(state__in=["opened", "declined"])
                | models.Q(confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="case_clip_runs_forward",
                condition=models.Q(to_at__gte=models.F("from_at")),
            ),
        ]
        indexes = [models.Index(name="case_by_time", fields=["opened_at"])]

    def __str__(self) -> str:
        return self.code


class CaseNotice(models.Model):
    """What the candidate was told before anything is decided (L7). Append-only."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="notice")
    item = models.OneToOneField(
        "candidates.InboxItem", on_delete=models.PROTECT, related_name="+"
    )
    body = models.TextField()
    due_at = models.DateTimeField()
    sent_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("case notice")
        verbose_name_plural = _("case notices")

    def __str__(self) -> str:
        return f"{self.case_id} {self.due_at}"


class Statement(models.Model):
    """The candidate's answer, or that they give none. Append-only."""

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, related_name="statement"
    )
    kind = models.CharField(max_length=10, choices=StatementKind.choices)
    text = models.TextField(_("statement"), max_length=2000, default="")
    lease = models.ForeignKey(
        "candidates.DeviceLease", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Proposal(models.Model):
    """One person's draft of a ruling, waiting for another's yes. Append-only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposals")
    turn = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    approval = models.OneToOneField(
        "exams.Approval", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("proposed ruling")
        verbose_name_plural = _("proposed rulings")
        constraints = [
            models.UniqueConstraint(
                name="proposal_turn_once_per_case", fields=["case", "turn"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"


class Ruling(models.Model):
    """What two people decided; a reversal is another row. Append-only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="rulings")
    turn = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, related_name="ruling"
    )
    letter = models.TextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        constraints = [
            models.UniqueConstraint(
                name="ruling_turn_once_per_case", fields=["case", "turn"]
            ),
            models.CheckConstraint(
                name="ruling_comes_before_its_reversal",
                condition=models.Q(turn=1, outcome__in=["dismiss", "warn", "void"])
                | models.Q(turn=2, outcome="restore"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"
