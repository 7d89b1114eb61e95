"""The closed lists of the candidates' floor. Stored values are never translated."""

from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stream(models.TextChoices):
    CAMERA = "camera", _("Camera and microphone")
    SCREEN = "screen", _("Screen")


class RecordingState(models.TextChoices):
    OPEN = "open", pgettext_lazy("recording", "Open")
    SEALED = "sealed", pgettext_lazy("recording", "Sealed")
    VERIFIED = "verified", pgettext_lazy("recording", "Verified")
    NEEDS_REVIEW = "needs_review", pgettext_lazy("recording", "Needs review")


class LeaseState(models.TextChoices):
    """`waiting` asks for a takeover; at most one `active` lease per attempt."""

    WAITING = "waiting", pgettext_lazy("lease", "Waiting for a takeover")
    ACTIVE = "active", pgettext_lazy("lease", "Active")
    SUPERSEDED = "superseded", pgettext_lazy("lease", "Superseded")
    ENDED = "ended", pgettext_lazy("lease", "Ended")

    MAY_UPLOAD = nonmember(("active", "superseded"))


class LeaseLevel(models.TextChoices):
    CLAIMED = "claimed", pgettext_lazy("lease", "Claimed")
    VERIFIED = "verified", pgettext_lazy("lease", "Verified")


class CheckInState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("check-in", "Waiting for a person")
    APPROVED = "approved", pgettext_lazy("check-in", "Approved")
    DECLINED = "declined", pgettext_lazy("check-in", "Declined")


class ObservationKind(models.TextChoices):
    CHUNK_CONFLICT = "chunk_conflict", _("Two different chunks under one number")
    CHAIN_BREAK = "chain_break", _("A chunk does not fit the chain")
    LATE_CHUNK = "late_chunk", _("A chunk arrived after sealing")
    FOCUS_LOST = "focus_lost", _("The exam page lost focus")
    SHARE_STOPPED = "share_stopped", _("Screen sharing stopped")
    DEVICE_LOST = "device_lost", _("A recording device was lost")
    TAKEOVER = "takeover", _("Another computer took over")


class ImportState(models.TextChoices):
    PREVIEW = "preview", pgettext_lazy("import", "Preview")
    COMMITTED = "committed", pgettext_lazy("import", "Committed")
    DISCARDED = "discarded", pgettext_lazy("import", "Discarded")
