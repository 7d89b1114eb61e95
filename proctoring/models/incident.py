"""Something for a person to look at; never a verdict."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import ObservationKind
from exams.kernel.tokens import random_code
from proctoring.enums import IncidentSource, IncidentState

NOTED = "noted"


class Incident(models.Model):
    """One thing noticed of one attempt, with the bounds of its clip.

    Facts are fixed by a trigger; `state`, `case` and the decision move. Every
    observation leads to at most one incident.
    """

    code = models.CharField(
        max_length=20, unique=True, default=random_code, editable=False
    )
    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(max_length=12, choices=IncidentSource.choices)
    kind = models.CharField(max_length=20, default=NOTED)
    stream = models.CharField(max_length=10, default="")
    observation = models.OneToOneField(
        "candidates.Observation", on_delete=models.PROTECT, null=True, related_name="+"
    )
    article = models.ForeignKey(
        "proctoring.Article",
        on_delete=models.PROTECT,
        null=True,
        related_name="incidents",
    )
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    note = models.CharField(_("note"), max_length=500, default="")
    noted_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=IncidentState.choices,
        default=IncidentState.OPEN,
    )
    case = models.ForeignKey(
        "proctoring.Case", on_delete=models.PROTECT, null=True, related_name="incidents"
    )
    decided_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=500, default="")

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            models.CheckConstraint(
                name="incident_clip_runs_forward",
                condition=models.Q(to_at__gte=models.F("from_at")),
            ),
            models.CheckConstraint(
                name="incident_of_a_case_has_it",
                condition=~models.Q(state="in_case") | models.Q(case__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="incident_by_time", fields=["from_at"]),
            models.Index(
                name="incident_open_by_attempt",
                fields=["attempt"],
                condition=models.Q(state="open"),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def kind_label(self) -> str:
        """What was noticed, in the reader's language."""
        if self.kind == NOTED:
            return str(IncidentSource.PROCTOR.label)
        names = dict(ObservationKind.choices)
        return str(names.get(self.kind, self.kind))
