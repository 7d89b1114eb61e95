"""The event log: the letter of which the channel layer is only the doorbell."""

from django.db import models


class Topic(models.Model):
    """A stream of events; `last_seq` is raised under the row's lock."""

    name = models.CharField(max_length=80, unique=True)
    last_seq = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One fact of a topic; `seq` has no gaps, so a client can see what it missed."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveBigIntegerField()
    type = models.CharField(max_length=60)
    payload = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="event_seq_once_per_topic", fields=["topic", "seq"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic_id}#{self.seq} {self.type}"
