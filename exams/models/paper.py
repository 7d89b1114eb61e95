"""What is asked, and the criteria it is scored on; texts are encrypted at rest."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.kernel.fields import SealedTextField


class Paper(models.Model):
    """A set of questions; once sealed, a padded AES-256-GCM bundle and its key.

    `bundle` is what candidates fetch in the countdown; `bundle_key` (base64) is
    given from the start second on, and only to attempts that may have it.
    """

    project = models.ForeignKey(
        "exams.Project", on_delete=models.PROTECT, related_name="papers"
    )
    title = models.CharField(_("title"), max_length=200)
    sealed_at = models.DateTimeField(_("sealed at"), null=True, editable=False)
    bundle = models.BinaryField(null=True, editable=False)
    bundle_key = SealedTextField(family="paper", default="", blank=True)

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="questions")
    number = models.PositiveSmallIntegerField(_("number"))
    text = SealedTextField(_("text"), family="paper")
    seconds = models.PositiveIntegerField(_("suggested time (s)"), default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                name="question_number_once_per_paper", fields=["paper", "number"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.paper} · {self.number}"


class Criterion(models.Model):
    """One element of scoring: its maximum and its weight in the total."""

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    name = SealedTextField(_("name"), family="paper")
    reference = SealedTextField(
        _("reference points"), family="paper", default="", blank=True
    )
    max_mark = models.DecimalField(
        _("maximum"), max_digits=6, decimal_places=2, validators=[MinValueValidator(1)]
    )
    weight = models.DecimalField(_("weight"), max_digits=6, decimal_places=3, default=1)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                name="criterion_position_once_per_paper", fields=["paper", "position"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.paper} · {self.position}"


class PaperDraw(models.Model):
    """Which paper was drawn from which pool, by which seed; rows are only added."""

    session = models.ForeignKey(
        "exams.Session", on_delete=models.PROTECT, related_name="paper_draws"
    )
    room = models.ForeignKey(
        "exams.Room",
        on_delete=models.PROTECT,
        null=True,
        related_name="paper_draws",
        verbose_name=_("room"),
    )
    seed = models.CharField(_("seed"), max_length=64)
    pool = models.JSONField(_("pool"))
    paper = models.ForeignKey(
        Paper, on_delete=models.PROTECT, related_name="+", verbose_name=_("paper")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("draw of a paper")
        verbose_name_plural = _("draws of papers")

    def __str__(self) -> str:
        return f"{self.session_id} {self.at:%Y-%m-%d %H:%M:%S}"
