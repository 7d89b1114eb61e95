"""People on the roster, and the only link from a person to an attempt."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from candidates.enums import ImportState
from exams.kernel.fields import SealedTextField
from exams.kernel.tokens import random_code


def photo_path(instance: models.Model, filename: str) -> str:
    """Return a random path: nothing of the person or the upload is in the name."""
    return f"photos/{random_code(24)}"


class Candidate(models.Model):
    """A roster row. ID number, phone and e-mail are ciphertext; look-ups use hashes.

    `sign_in_hash` covers project, ticket number and the last six of the ID number;
    `id_hash` the whole ID number; `phone_tail` the last four digits of the phone.
    `contact_hash` covers phone and e-mail, so that a roster is compared without
    opening either; "" means not known, and then they are opened. `brought_by` is the
    import that made the row; null for people enrolled without a file.
    """

    # Its index is the one of the ticket number's constraint.
    project = models.ForeignKey(
        "exams.Project", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    ticket_number = models.CharField(_("ticket number"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    id_number = SealedTextField(_("ID number"))
    id_hash = models.CharField(max_length=64, editable=False)
    sign_in_hash = models.CharField(max_length=64, editable=False)
    phone = SealedTextField(_("phone"), default="", blank=True)
    phone_tail = models.CharField(max_length=4, default="", editable=False)
    email = SealedTextField(_("e-mail"), default="", blank=True)
    contact_hash = models.CharField(max_length=64, default="", editable=False)
    post = models.CharField(_("post"), max_length=120, blank=True)
    photo = models.FileField(_("photo"), upload_to=photo_path, blank=True)
    photo_erased_at = models.DateTimeField(
        _("photo deleted by the retention rule"), null=True, editable=False
    )
    origin = models.CharField(max_length=10, default="real", editable=False)
    # Imports are never deleted, and a hundred thousand look-ups of one are dear.
    brought_by = models.ForeignKey(
        "candidates.RosterImport",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        constraints = [
            models.UniqueConstraint(
                name="ticket_number_once_per_project",
                fields=["project", "ticket_number"],
            ),
            # A constraint and no `unique`, which would add a second index for LIKE.
            models.UniqueConstraint(name="sign_in_once", fields=["sign_in_hash"]),
            models.UniqueConstraint(
                name="id_number_once_per_project", fields=["project", "id_hash"]
            ),
        ]
        # For prefixes, whatever the collation of the database is.
        indexes = [
            models.Index(
                name="candidate_by_ticket",
                fields=["ticket_number"],
                opclasses=["varchar_pattern_ops"],
            ),
            models.Index(
                name="candidate_by_name",
                fields=["name"],
                opclasses=["varchar_pattern_ops"],
            ),
            models.Index(name="candidate_by_phone_tail", fields=["phone_tail"]),
            # The list by post, and which posts there are.
            models.Index(
                name="candidate_by_post",
                fields=["post", "project", "ticket_number"],
                condition=models.Q(post__gt=""),
            ),
        ]

    def __str__(self) -> str:
        return self.ticket_number


class Enrolment(models.Model):
    """The only link between a person and an attempt; no way back from the attempt.

    One formal enrolment per session, one per mock taken: `mock_day` is the day of the
    press in the session's zone, `mock_ordinal` counts that day's from 1 (R3).
    """

    candidate = models.ForeignKey(
        Candidate, on_delete=models.PROTECT, related_name="enrolments"
    )
    attempt = models.OneToOneField(
        "exams.Attempt", on_delete=models.PROTECT, related_name="+"
    )
    session = models.ForeignKey(
        "exams.Session", on_delete=models.PROTECT, related_name="+"
    )
    mock_day = models.DateField(_("mock test of"), null=True, editable=False)
    mock_ordinal = models.PositiveSmallIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                name="one_formal_enrolment",
                fields=["candidate", "session"],
                condition=models.Q(mock_day__isnull=True),
            ),
            models.UniqueConstraint(
                name="mock_ordinal_once_per_day",
                fields=["candidate", "session", "mock_day", "mock_ordinal"],
                # A formal one has neither, and no entry in the index.
                condition=models.Q(mock_day__isnull=False),
            ),
            models.CheckConstraint(
                name="mock_enrolment_has_day_and_ordinal",
                condition=models.Q(mock_day__isnull=True, mock_ordinal__isnull=True)
                | models.Q(
                    mock_day__isnull=False,
                    mock_ordinal__isnull=False,
                    mock_ordinal__gte=1,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} → {self.attempt_id}"


class RosterImport(models.Model):
    """An uploaded roster between preview and commit.

    `counts` is `{new, changed, same, bad, gone}`; `left_out` rows of an earlier preview
    that its corrections did not bring back; `rooms` the rooms that its rows name.
    """

    session = models.ForeignKey(
        "exams.Session", on_delete=models.PROTECT, related_name="+"
    )
    uploaded_by = models.ForeignKey(
        "exams.Staff", on_delete=models.PROTECT, related_name="+"
    )
    filename = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.PREVIEW
    )
    counts = models.JSONField(default=dict)
    left_out = models.PositiveIntegerField(default=0)
    rooms = models.JSONField(default=list)
    created_at = models.DateTimeField()
    committed_at = models.DateTimeField(null=True)
    # When declared conflicts were compared with what the import brought.
    matched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")

    def __str__(self) -> str:
        return self.filename


class RosterPart(models.Model):
    """Some staged rows of an import, in order; deleted when the import is decided.

    `staged` is JSON text, encrypted: `{letters, lines, cells, told}`, see
    `candidates.domain.roster_parts`. `counts` is by status, as the import's.
    """

    roster_import = models.ForeignKey(
        RosterImport, on_delete=models.CASCADE, related_name="parts"
    )
    number = models.PositiveIntegerField()
    counts = models.JSONField()
    staged = SealedTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="roster_part_once", fields=["roster_import", "number"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.roster_import_id}/{self.number}"
