"""The rules that a case may rest on, per project and in versions."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from proctoring.enums import Chapter, Sanction


class Article(models.Model):
    """One version of one article of the project's rules (R83–R110).

    A change makes another version; cases and incidents keep the one they rest on.
    `requirement` names where the preset's text comes from.
    """

    project = models.ForeignKey(
        "exams.Project", on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField(
        _("article"), max_length=12, help_text=_("For example 1.1 or 6.")
    )
    requirement = models.CharField(max_length=8, default="", editable=False)
    position = models.PositiveIntegerField(_("position"), default=0)
    chapter = models.CharField(_("chapter"), max_length=12, choices=Chapter.choices)
    label_zh = models.CharField(_("Chinese name"), max_length=40)
    text_zh = models.TextField(_("Chinese text"))
    text_en = models.TextField(_("English text"))
    sanction = models.CharField(_("sanction"), max_length=8, choices=Sanction.choices)
    needs_warning = models.BooleanField(
        _("needs an ignored warning"),
        default=False,
        help_text=_("Only a candidate who was warned before is held to it."),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    is_current = models.BooleanField(_("in force"), default=True, editable=False)

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        constraints = [
            models.UniqueConstraint(
                name="article_version_once", fields=["project", "code", "version"]
            ),
            models.UniqueConstraint(
                name="one_article_in_force",
                fields=["project", "code"],
                condition=models.Q(is_current=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.text}"

    @property
    def label(self) -> str:
        """The article's name in the reader's language."""
        if (get_language() or "").startswith("zh"):
            return self.label_zh
        return str(_("Article %(code)s") % {"code": self.code})

    @property
    def text(self) -> str:
        """The article's text in the reader's language."""
        return self.text_zh if (get_language() or "").startswith("zh") else self.text_en
