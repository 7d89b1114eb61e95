"""What was done to people on the roster, one row per person and change."""

from django.db import models

from candidates.enums import RosterChangeKind


class RosterChange(models.Model):
    """One change of one candidate; only added to (`candidates.domain.roster_history`).

    `fields` are names, joined by commas, and never values. `sha256` is of the photo
    that was put in. `roster_import` or `photo_batch` is where it came from; neither
    for a photo put in by hand and for people enrolled without a file.
    """

    candidate = models.ForeignKey(
        "candidates.Candidate", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=14, choices=RosterChangeKind.choices)
    fields = models.CharField(max_length=80, default="")
    sha256 = models.CharField(max_length=64, default="")
    # Sources are looked up from a change, never the other way round: no index.
    roster_import = models.ForeignKey(
        "candidates.RosterImport",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    photo_batch = models.ForeignKey(
        "candidates.PhotoBatch",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    actor_kind = models.CharField(max_length=12)
    actor_ref = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.kind}"
