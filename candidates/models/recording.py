"""One stream of one attempt: its segments, its chunks, its manifest."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import RecordingState, Stream


class Recording(models.Model):
    """Made by the server at check-in, so a page that loaded once can record offline.

    `complete` is null until sealed; false means sealed as held, with named gaps.
    `folded`: the ledger's rows are in the newest manifest's file, none in the table.
    Once `erased_at` is set, the manifests are what is left; files may still be going.
    """

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    stream = models.CharField(max_length=10, choices=Stream.choices)
    state = models.CharField(
        _("state"),
        max_length=14,
        choices=RecordingState.choices,
        default=RecordingState.OPEN,
    )
    sealed_at = models.DateTimeField(null=True)
    complete = models.BooleanField(null=True)
    receipt = models.JSONField(null=True)
    archive_due = models.BooleanField(default=False)
    folded = models.BooleanField(default=False)
    erased_at = models.DateTimeField(_("deleted by the retention rule"), null=True)

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        constraints = [
            models.UniqueConstraint(
                name="one_recording_per_stream", fields=["attempt", "stream"]
            ),
            models.CheckConstraint(
                name="only_verified_is_folded",
                condition=models.Q(folded=False) | models.Q(state="verified"),
            ),
        ]
        indexes = [
            models.Index(
                name="recording_archive_due",
                fields=["archive_due"],
                condition=models.Q(archive_due=True),
            ),
            models.Index(
                name="recording_to_review",
                fields=["sealed_at"],
                condition=models.Q(state="needs_review"),
            ),
            models.Index(
                name="recording_open",
                fields=["attempt"],
                condition=models.Q(state="open"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.code)


class Segment(models.Model):
    """One unbroken run of a recorder; its name is made by the client.

    `stated_count` and `stated_head` are what the client says it recorded when it
    seals, `witnessed_count` and `witnessed_head` what its heartbeats said meanwhile.
    """

    recording = models.ForeignKey(
        Recording, on_delete=models.PROTECT, related_name="segments"
    )
    uuid = models.UUIDField(unique=True)
    mime = models.CharField(max_length=100)
    reason = models.CharField(max_length=20, default="start")
    device = models.CharField(max_length=200, default="")
    lease_epoch = models.PositiveIntegerField()
    started_ms = models.BigIntegerField(help_text="client's idea of server time")
    opened_at = models.DateTimeField()
    stated_count = models.PositiveIntegerField(null=True)
    stated_head = models.CharField(max_length=64, default="")
    witnessed_count = models.PositiveIntegerField(null=True)
    witnessed_head = models.CharField(max_length=64, default="")

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")

    def __str__(self) -> str:
        return str(self.uuid)


class Chunk(models.Model):
    """The ledger: one verified, durable piece. Digests are 64 hexadecimal digits.

    Rows of a verified recording move into its manifest file (`Recording.folded`).
    `offset` and `size` locate the bytes in the segment's file; `head` is the chain
    value that the client sent with the chunk (`Kaowu-Chain`).
    """

    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, related_name="chunks"
    )
    seq = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    head = models.CharField(max_length=64)
    offset = models.PositiveBigIntegerField()
    start_ms = models.PositiveBigIntegerField()
    duration_ms = models.PositiveIntegerField()
    lease_epoch = models.PositiveIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="chunk_once_per_segment", fields=["segment", "seq"]
            ),
            models.CheckConstraint(
                name="chunk_has_bytes", condition=models.Q(size__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}#{self.seq}"


class Manifest(models.Model):
    """What the archive holds of one recording, and where.

    Chunks that come late make another version; the newest one counts. `body` is
    canonical JSON: segments with counts, ranges, heads, gaps; the file at `path` has
    every chunk besides. `media` lists the playable files
    `[{path, mime, duration_ms, frames}]`.
    """

    recording = models.ForeignKey(
        Recording, on_delete=models.PROTECT, related_name="manifests"
    )
    version = models.PositiveIntegerField(default=1)
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    media = models.JSONField(default=list)
    contact_sheet = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("manifest")
        verbose_name_plural = _("manifests")
        constraints = [
            models.UniqueConstraint(
                name="manifest_version_once", fields=["recording", "version"]
            )
        ]

    def __str__(self) -> str:
        return self.digest[:12]
