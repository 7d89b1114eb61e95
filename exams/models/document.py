"""The documents that candidates of a project read, version by version."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.enums import DocumentKind


class Document(models.Model):
    """One version of one text, or file, that candidates of a project read.

    `language` is empty for readers of every language. The file's type, size and digest
    are those that its bytes were found to have; a published row never changes.
    """

    project = models.ForeignKey(
        "exams.Project", on_delete=models.PROTECT, related_name="documents"
    )
    kind = models.CharField(_("kind"), max_length=14, choices=DocumentKind.choices)
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=settings.LANGUAGES,
        default="",
        blank=True,
    )
    must_read = models.BooleanField(_("must be read"), default=True)
    body = models.TextField(_("text"), blank=True)
    file = models.FileField(_("file"), upload_to="documents", blank=True)
    file_type = models.CharField(
        _("type of the file"), max_length=40, default="", editable=False
    )
    file_size = models.PositiveIntegerField(
        _("size of the file"), default=0, editable=False
    )
    file_digest = models.CharField(max_length=64, default="", editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                name="document_version_once",
                fields=["project", "kind", "title", "language", "version"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"
