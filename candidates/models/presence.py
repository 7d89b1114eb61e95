"""Who was heard of last, and how they were: what another process reads."""

from django.db import models


class Presence(models.Model):
    """The newest heartbeat of an attempt, at most ten seconds behind the board.

    `facts` has the shape of `candidates.inbound.FACTS`, and `epoch`, the lease's.
    `backlog_most` is the largest number of pieces that waited to be sent,
    `storage_least_mb` the least room that the browser told of, over all that was kept.
    """

    attempt = models.OneToOneField(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    backlog_most = models.PositiveIntegerField(default=0)
    storage_least_mb = models.PositiveBigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.at:%H:%M:%S}"
