"""The lottery: one committed draw per session, one number per attempt."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.kernel.fields import SealedTextField


class Draw(models.Model):
    """The commitment, published before the first number; the seed afterwards.

    `seed` is 64 hexadecimal digits, encrypted until it is revealed.
    """

    session = models.OneToOneField(
        "exams.Session", on_delete=models.PROTECT, related_name="draw"
    )
    roster_hash = models.CharField(max_length=64)
    roster = models.JSONField(help_text="opaque attempt codes, sorted")
    seed = SealedTextField()
    commitment = models.CharField(max_length=64)
    committed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")

    def __str__(self) -> str:
        return self.commitment[:12]


class DrawnNumber(models.Model):
    """One dealt number, its nonce and its signed receipt. Append-only."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="numbers")
    attempt = models.OneToOneField(
        "exams.Attempt", on_delete=models.PROTECT, related_name="drawn_number"
    )
    number = models.PositiveIntegerField(_("sequence number"))
    position = models.PositiveIntegerField()
    nonce = models.CharField(max_length=64)
    origin = models.CharField(
        max_length=10,
        choices=[
            ("candidate", _("by the candidate")),
            ("auto", _("auto")),
            ("late", _("added late")),
            ("helped", _("by the helpdesk")),
        ],
    )
    receipt = models.JSONField()
    drawn_at = models.DateTimeField()

    class Meta:
        verbose_name = _("drawn number")
        verbose_name_plural = _("drawn numbers")
        constraints = [
            models.UniqueConstraint(
                name="drawn_number_once_per_draw", fields=["draw", "number"]
            ),
            models.UniqueConstraint(
                name="drawn_position_once_per_draw", fields=["draw", "position"]
            ),
            models.CheckConstraint(
                name="drawn_number_from_one", condition=models.Q(number__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)
