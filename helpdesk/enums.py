"""The closed lists of the helpdesk's floor. Stored values are never translated."""

from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RequestState(models.TextChoices):
    OPEN = "open", pgettext_lazy("request", "Waiting")
    OWNED = "owned", pgettext_lazy("request", "Taken")
    RESOLVED = "resolved", pgettext_lazy("request", "Resolved")
    REOPENED = "reopened", pgettext_lazy("request", "Asked again")

    FREE = nonmember(("open", "reopened"))


class Side(models.TextChoices):
    """The two sides of a conversation; staff answer with one voice."""

    CANDIDATE = "candidate", _("Candidate")
    STAFF = "staff", _("Staff")


class Topic(models.TextChoices):
    """What the asker says it is about."""

    SIGN_IN = "sign_in", pgettext_lazy("topic", "Signing in")
    IDENTITY = "identity", pgettext_lazy("topic", "Identity check")
    DEVICE = "device", pgettext_lazy("topic", "Camera, microphone, screen")
    NETWORK = "network", pgettext_lazy("topic", "Network")
    QUESTION = "question", pgettext_lazy("topic", "Questions do not show")
    UPLOAD = "upload", pgettext_lazy("topic", "Upload and receipts")
    OTHER = "other", pgettext_lazy("topic", "Something else")
