"""The closed lists of the proctors' floor. Stored values are never translated."""

from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Chapter(models.TextChoices):
    """The parts of the rules, in the documents' order (R83–R110)."""

    DISCIPLINE = "discipline", pgettext_lazy("chapter", "Breach of discipline")
    CHEATING = "cheating", pgettext_lazy("chapter", "Cheating")
    FOUND_LATER = "found_later", pgettext_lazy("chapter", "Cheating, also found later")
    CONSEQUENCE = "consequence", pgettext_lazy("chapter", "Consequences")
    EVIDENCE = "evidence", pgettext_lazy("chapter", "Missing evidence")
    DUTY = "duty", pgettext_lazy("chapter", "Duties of the candidate")
    PREFACE = "preface", pgettext_lazy("chapter", "Preface")


class Sanction(models.TextChoices):
    VOID = "void", _("The score is cancelled")
    BAR = "bar", _("The right to the interview is lost")
    NONE = "none", _("The candidate bears the consequence")

    CANCELS = nonmember(("void", "bar"))


class IncidentSource(models.TextChoices):
    OBSERVATION = "observation", pgettext_lazy("source", "Noticed by the system")
    PROCTOR = "proctor", pgettext_lazy("source", "Noted by staff")
    JOB = "job", pgettext_lazy("source", "Found afterwards")


class IncidentState(models.TextChoices):
    OPEN = "open", pgettext_lazy("incident", "Open")
    DISMISSED = "dismissed", pgettext_lazy("incident", "Looked at, no problem")
    IN_CASE = "in_case", pgettext_lazy("incident", "Part of a case")


class CaseState(models.TextChoices):
    OPENED = "opened", pgettext_lazy("case", "Opened")
    CONFIRMED = "confirmed", pgettext_lazy("case", "Confirmed")
    DECLINED = "declined", pgettext_lazy("case", "Not pursued")
    NOTICED = "noticed", pgettext_lazy("case", "Candidate was told")
    STATED = "stated", pgettext_lazy("case", "Statement received")
    WAIVED = "waived", pgettext_lazy("case", "Statement waived")
    LAPSED = "lapsed", pgettext_lazy("case", "No statement in time")
    RULED = "ruled", pgettext_lazy("case", "Ruled")

    HEARD = nonmember(("stated", "waived", "lapsed"))
    CLOSED = nonmember(("declined", "ruled"))


class StatementKind(models.TextChoices):
    STATEMENT = "statement", pgettext_lazy("statement", "Statement")
    WAIVER = "waiver", pgettext_lazy("statement", "Waiver")


class Outcome(models.TextChoices):
    DISMISS = "dismiss", pgettext_lazy("ruling", "No violation")
    WARN = "warn", pgettext_lazy("ruling", "Written warning")
    VOID = "void", pgettext_lazy("ruling", "Score cancelled")
    RESTORE = "restore", pgettext_lazy("ruling", "Cancellation taken back")

    FIRST = nonmember(("dismiss", "warn", "void"))
