"""Who was heard of last, and how they were: what another process reads."""

from django.db import models


class Presence(models.Model):
    """The newest heartbeat of an attempt, at most ten seconds behind the board.

    `facts` has the shape of `candidates.inbound.FACTS`, and `epoch`, the lease's.
    """

    attempt = models.OneToOneField(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.at:%H:%M:%S}"
