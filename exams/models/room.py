"""How people came to their rooms: the splits, and each single move with its reason."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.enums import SplitKind


class RoomSplit(models.Model):
    """One random split, with all that is needed to deal it again. Append-only.

    `people` are opaque codes (attempts) or keys (proctors) in the order of their
    sorting, `rooms` is `[[key, capacity]]` in the order of the page; `before` and
    `after` are `{room key: how many}`.
    """

    session = models.ForeignKey(
        "exams.Session", on_delete=models.PROTECT, related_name="room_splits"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=SplitKind.choices)
    seed = models.CharField(_("seed"), max_length=64)
    version = models.PositiveSmallIntegerField(default=1)
    people = models.JSONField()
    rooms = models.JSONField()
    before = models.JSONField()
    after = models.JSONField()
    reason = models.TextField(_("reason"))
    made_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("split over rooms")
        verbose_name_plural = _("splits over rooms")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.seed[:8]}"


class RoomMove(models.Model):
    """One attempt's change of room by hand; after the freeze it waits for an approval.

    Facts never change; `moved_at` is filled once, when the move is done.
    """

    attempt = models.ForeignKey(
        "exams.Attempt", on_delete=models.PROTECT, related_name="room_moves"
    )
    from_room = models.ForeignKey(
        "exams.Room",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("from"),
    )
    to_room = models.ForeignKey(
        "exams.Room",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("to"),
    )
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(
        "exams.Staff",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked at"))
    approval = models.OneToOneField(
        "exams.Approval", on_delete=models.PROTECT, null=True, related_name="+"
    )
    moved_at = models.DateTimeField(_("moved at"), null=True)

    class Meta:
        verbose_name = _("move to another room")
        verbose_name_plural = _("moves to another room")

    def __str__(self) -> str:
        return f"{self.attempt} → {self.to_room}"
