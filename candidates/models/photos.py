"""Roster photos that came many at once, between the archive and the roster."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import Faces, PhotoBatchState, PhotoStatus
from candidates.models.candidate import photo_path


class PhotoBatch(models.Model):
    """One archive of photos named by ticket number.

    `counts` is by `PhotoStatus`, with `replacing`: how many of the ready ones have a
    photo already. `touched_at` is the last sign of the job that reads it.
    """

    project = models.ForeignKey(
        "exams.Project", on_delete=models.PROTECT, related_name="+"
    )
    uploaded_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="+"
    )
    filename = models.CharField(max_length=200)
    archive = models.FileField(upload_to=photo_path, blank=True)
    state = models.CharField(
        max_length=10, choices=PhotoBatchState.choices, default=PhotoBatchState.READING
    )
    counts = models.JSONField(default=dict)
    replaced = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    committed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("roster photos")
        verbose_name_plural = _("roster photos")

    def __str__(self) -> str:
        return self.filename


class PhotoEntry(models.Model):
    """One file of the archive, by its position in it; its clean copy when ready."""

    batch = models.ForeignKey(
        PhotoBatch, on_delete=models.CASCADE, related_name="entries"
    )
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    candidate = models.ForeignKey(
        "candidates.Candidate", on_delete=models.PROTECT, null=True, related_name="+"
    )
    status = models.CharField(
        max_length=10, choices=PhotoStatus.choices, default=PhotoStatus.WAITING
    )
    problem = models.CharField(max_length=40, default="", blank=True)
    faces = models.CharField(max_length=8, choices=Faces.choices, default=Faces.UNKNOWN)
    photo = models.FileField(upload_to=photo_path, blank=True)
    sha256 = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="photo_entry_once", fields=["batch", "position"]
            )
        ]
        indexes = [
            models.Index(name="photo_entry_by_status", fields=["batch", "status"])
        ]

    def __str__(self) -> str:
        return self.name


class DiscardedFile(models.Model):
    """A stored file that no row names any longer; the row goes when the file is gone.

    Nothing ever names it again. Until `due_at` whoever read the old row may open it.
    """

    name = models.CharField(max_length=100, unique=True)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name
