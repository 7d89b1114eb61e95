"""Letters by e-mail: what they say, whether they may, one sending, its recipients."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from candidates.enums import MailAudience, MailingState, RecipientState
from exams.kernel.tokens import random_code


class MailTemplate(models.Model):
    """What a letter says, with named placeholders in braces; never any code."""

    project = models.ForeignKey(
        "exams.Project", on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(_("title"), max_length=80)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES
    )
    subject = models.CharField(pgettext_lazy("mail", "subject"), max_length=150)
    body = models.TextField(_("text"), max_length=20_000)

    class Meta:
        verbose_name = _("letter template")
        verbose_name_plural = _("letter templates")
        constraints = [
            models.UniqueConstraint(
                name="mail_template_once", fields=["project", "title", "language"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_language_display()})"


class MailPermit(models.Model):
    """Whether the candidates of a session may be written to; without one, no."""

    session = models.OneToOneField(
        "exams.Session", on_delete=models.PROTECT, related_name="+"
    )
    allowed = models.BooleanField(
        _("letters may be sent"),
        default=False,
        help_text=_("Taken away while letters are being sent, it stops them."),
    )

    class Meta:
        verbose_name = _("permission for letters")
        verbose_name_plural = _("permissions for letters")

    def __str__(self) -> str:
        return str(self.session)


class Mailing(models.Model):
    """One sending: the words as they were when it was drafted, and its state.

    `problem` is what the mail server said when it could not be reached at all; nobody's
    letter has failed by that.
    """

    code = models.CharField(max_length=16, unique=True, default=random_code)
    session = models.ForeignKey(
        "exams.Session", on_delete=models.PROTECT, related_name="+"
    )
    template = models.ForeignKey(
        MailTemplate, on_delete=models.PROTECT, related_name="mailings"
    )
    audience = models.CharField(
        _("recipients"), max_length=14, choices=MailAudience.choices
    )
    language = models.CharField(max_length=10)
    subject = models.CharField(pgettext_lazy("mail", "subject"), max_length=150)
    body = models.TextField(_("text"))
    entry_url = models.CharField(max_length=300)
    state = models.CharField(
        max_length=10, choices=MailingState.choices, default=MailingState.DRAFT
    )
    created_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self) -> str:
        return self.subject


class Recipient(models.Model):
    """One person of one mailing, once; the address is read when it is sent.

    `code` is the left half of the message's id, by which a mail server's log finds it.
    `tries` counts claims.
    """

    mailing = models.ForeignKey(
        Mailing, on_delete=models.PROTECT, related_name="recipients"
    )
    enrolment = models.ForeignKey(
        "candidates.Enrolment", on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField(max_length=24, unique=True)
    state = models.CharField(
        max_length=10, choices=RecipientState.choices, default=RecipientState.WAITING
    )
    reason = models.CharField(max_length=300, default="", blank=True)
    claimed_at = models.DateTimeField(null=True, db_index=True)
    ended_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        constraints = [
            models.UniqueConstraint(
                name="recipient_once_per_mailing", fields=["mailing", "enrolment"]
            )
        ]

    def __str__(self) -> str:
        return self.code
