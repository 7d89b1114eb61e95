"""People who work, and what each may do where."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from exams.enums import Role


class Staff(AbstractUser):
    """Everybody who signs in with a password; candidates are not users.

    A sign-in holds only as long as `sign_in_epoch` is what it was when it began.
    """

    must_change_password = models.BooleanField(default=False, editable=False)
    sign_in_epoch = models.PositiveIntegerField(default=0, editable=False)

    class Meta(AbstractUser.Meta):
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def _get_session_auth_hash(self, secret=None) -> str:
        return salted_hmac(
            "exams.models.Staff.sign-in",
            f"{self.password}\0{self.sign_in_epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class Assignment(models.Model):
    """One role of one person in exactly one project, session or room.

    `session` and `room` assignments also carry the rows above them, so that "may
    this person do that here" is one filter. `exclusive_session` is set for the
    three roles that exclude each other, and its uniqueness holds that rule.
    """

    staff = models.ForeignKey(
        Staff,
        on_delete=models.PROTECT,
        related_name="assignments",
        verbose_name=_("account"),
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    project = models.ForeignKey(
        "exams.Project", on_delete=models.PROTECT, null=True, blank=True
    )
    session = models.ForeignKey(
        "exams.Session", on_delete=models.PROTECT, null=True, blank=True
    )
    room = models.ForeignKey(
        "exams.Room", on_delete=models.PROTECT, null=True, blank=True
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.CheckConstraint(
                name="assignment_has_one_scope",
                condition=models.Q(
                    project__isnull=False, session__isnull=True, room__isnull=True
                )
                | models.Q(
                    project__isnull=True, session__isnull=False, room__isnull=True
                )
                | models.Q(
                    project__isnull=True, session__isnull=True, room__isnull=False
                ),
            ),
            models.UniqueConstraint(
                name="one_of_proctor_examiner_official_per_session",
                fields=["staff", "session"],
                condition=models.Q(
                    session__isnull=False,
                    role__in=["proctor", "examiner", "chief_examiner", "official"],
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff}: {self.get_role_display()}"

    @property
    def place(self) -> str:
        """Return where the role holds, in words that people read."""
        if self.room:
            return f"{self.room.session} · {self.room}"
        return str(self.session or self.project)
