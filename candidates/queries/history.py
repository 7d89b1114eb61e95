"""What happened to one candidate, from this floor: identity, films, phone, letters."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.db.models import Count, F, Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from candidates.models import (
    Candidate,
    CheckIn,
    Companion,
    DeviceLease,
    DocumentRead,
    FaceCheck,
    IdentityCode,
    InboxItem,
    Recipient,
    Recording,
    Segment,
    StagePassage,
)
from candidates.queries.archive import newest_manifests
from candidates.queries.ledger import gaps_between
from exams.enums import Stage
from exams.queries.history import Attempts, Happened
from exams.queries.retention import erased_words

TONES = {
    "approved": "ok",
    "declined": "bad",
    "passed": "ok",
    "failed": "bad",
    "settled": "info",
    "used": "ok",
    "spent": "bad",
}
LETTER_TONES = {"sent": "ok", "failed": "bad", "unknown": "warn", "no_address": "warn"}
PHONE_STEPS = (
    ("created_at", gettext_lazy("Phone code shown")),
    ("bound_at", gettext_lazy("Phone bound")),
    ("filming_at", gettext_lazy("Phone films")),
    ("ended_at", gettext_lazy("Phone ended")),
)


def sign_ins(attempts: Attempts) -> Iterator[Happened]:
    """Yield the computers that signed in or asked to; one query."""
    for row in DeviceLease.objects.filter(attempt__in=attempts):
        yield Happened(
            row.created_at,
            "sign_in",
            _("Computer signed in") if row.epoch else _("Computer asked to take over"),
            _joined(row.get_state_display(), row.device, row.address),
            reverse("admin:candidates_devicelease_change", args=[row.pk]),
            row.attempt_id,
            "info",
            "swap",
        )


def identity(attempts: Attempts) -> Iterator[Happened]:
    """Yield face checks, identity checks and codes with who decided; three queries."""
    for row in FaceCheck.objects.filter(attempt__in=attempts).defer("embedding"):
        yield Happened(
            row.issued_at,
            "identity",
            _("Face check"),
            row.get_state_display(),
            reverse("admin:candidates_facecheck_change", args=[row.pk]),
            row.attempt_id,
            TONES.get(row.state, "info"),
            "face",
            row.decided_at,
            "candidates.view_facecheck",
        )
    checks = CheckIn.objects.filter(attempt__in=attempts).select_related("decided_by")
    for row in checks:
        by = str(row.decided_by) if row.decided_by else ""
        yield Happened(
            row.created_at,
            "identity",
            _("Identity check by a person"),
            _joined(row.get_state_display(), by, row.reason),
            reverse("admin:candidates_checkin_change", args=[row.pk]),
            row.attempt_id,
            TONES.get(row.state, "warn"),
            "face",
            row.decided_at,
        )
    yield from _codes(attempts)


def _codes(attempts: Attempts) -> Iterator[Happened]:
    codes = IdentityCode.objects.filter(attempt__in=attempts)
    for row in codes.select_related("issued_by"):
        yield Happened(
            row.issued_at,
            "identity",
            _("Identity code"),
            _joined(row.get_state_display(), str(row.issued_by), row.reason),
            "",
            row.attempt_id,
            TONES.get(row.state, "info"),
            "key",
            row.used_at,
        )


def reading(attempts: Attempts) -> Iterator[Happened]:
    """Yield documents read and stages finished; two queries."""
    read = DocumentRead.objects.filter(attempt__in=attempts).select_related("document")
    for row in read:
        yield Happened(
            row.at,
            "reading",
            _("Document read"),
            f"{row.document.title} v{row.document.version}",
            reverse("admin:exams_document_change", args=[row.document_id]),
            row.attempt_id,
            "ok",
            "file-ok",
        )
    for row in StagePassage.objects.filter(attempt__in=attempts):
        yield Happened(
            row.at,
            "passage",
            _("Stage finished"),
            str(Stage(row.stage).label),
            reverse("admin:exams_attempt_change", args=[row.attempt_id]),
            row.attempt_id,
            "ok",
            "ok",
        )


def phones(attempts: Attempts) -> Iterator[Happened]:
    """Yield each step of each phone; one query."""
    for row in Companion.objects.filter(attempt__in=attempts):
        url = reverse("admin:candidates_companion_change", args=[row.pk])
        for name, words in PHONE_STEPS:
            at = getattr(row, name)
            if at:
                is_end = name == "ended_at"
                text = _joined(row.get_state_display() if is_end else "", row.device)
                yield Happened(
                    at, "phone", str(words), text, url, row.attempt_id, "info", "phone"
                )


def films(attempts: Attempts) -> Iterator[Happened]:
    """Yield each run of each recording, its gaps and its seal; three queries."""
    recordings = {row.pk: row for row in Recording.objects.filter(attempt__in=attempts)}
    runs: dict[int, list[dict]] = defaultdict(list)
    rows = Segment.objects.filter(recording__in=recordings).annotate(
        held=Count("chunks"),
        last=Max("chunks__seq"),
        span=Max(F("chunks__start_ms") + F("chunks__duration_ms")),
    )
    folded = [row.pk for row in recordings.values() if row.folded]
    filed = {
        pk: {one["uuid"]: one for one in manifest.body["segments"]}
        for pk, manifest in newest_manifests(folded).items()
    }
    for row in rows.order_by("started_ms", "pk"):
        known = filed.get(row.recording_id, {}).get(str(row.uuid), {})
        held = known.get("count", row.held)
        end = 0 if row.last is None else row.last + 1
        due = row.stated_count if row.stated_count is not None else max(end, held)
        runs[row.recording_id].append(
            {
                "uuid": str(row.uuid),
                "started_ms": row.started_ms,
                "span_ms": known.get("span_ms", row.span or 0),
                "reason": row.reason,
                "held": held,
                "missing": max(0, due - held),
            }
        )
    for pk, recording in recordings.items():
        yield from _film(recording, runs[pk])


def _film(recording: Recording, runs: list[dict]) -> Iterator[Happened]:
    stream = recording.get_stream_display()
    url = reverse("admin:candidates_recording_change", args=[recording.pk])

    def line(at: datetime, title: str, text: str, tone: str, icon: str, until=None):
        return Happened(
            at, "film", title, _joined(stream, text), url, recording.attempt_id,
            tone, icon, until,
        )  # fmt: skip

    for run in runs:
        begin, end = _at(run["started_ms"]), _at(run["started_ms"] + run["span_ms"])
        held = ngettext("%(count)s piece held", "%(count)s pieces held", run["held"])
        text = held % {"count": run["held"]}
        if run["missing"]:
            lost = ngettext(
                "%(count)s piece missing", "%(count)s pieces missing", run["missing"]
            )
            text = _joined(text, lost % {"count": run["missing"]})
        tone = "warn" if run["missing"] else "ok"
        yield line(begin, _("Recording ran"), text, tone, "rec", end)
    for gap in gaps_between(runs):
        begin, end = _at(gap["from_ms"]), _at(gap["to_ms"])
        seconds = round((end - begin).total_seconds())
        text = _("%(seconds)s s without a recording") % {"seconds": seconds}
        yield line(begin, _("Gap"), text, "bad", "net-off", end)
    if recording.sealed_at:
        whole = _("complete") if recording.complete else _("as held, with gaps")
        tone = "ok" if recording.complete else "warn"
        yield line(recording.sealed_at, _("Recording sealed"), whole, tone, "seal")
    if recording.erased_at:
        words = _("Deleted by the retention rule")
        yield line(recording.erased_at, words, "", "idle", "none")


def letters(attempts: Attempts) -> Iterator[Happened]:
    """Yield what the portal and its e-mails told the candidate; two queries.

    What the portal told lasts until it was read.
    """
    for row in InboxItem.objects.filter(attempt__in=attempts):
        yield Happened(
            row.created_at,
            "letter",
            row.get_kind_display(),
            erased_words(row.erased_at) if row.erased_at else row.title,
            reverse("admin:candidates_inboxitem_change", args=[row.pk]),
            row.attempt_id,
            "warn" if row.must_acknowledge else "info",
            "send",
            row.acknowledged_at or row.read_at,
            "candidates.view_inboxitem",
        )
    sent = Recipient.objects.filter(enrolment__attempt__in=attempts)
    for row in sent.select_related("mailing", "enrolment"):
        url = reverse("admin:mailing_show", args=[row.mailing_id])
        yield Happened(
            row.ended_at or row.claimed_at or row.mailing.started_at,
            "letter",
            _("Letter by e-mail"),
            _joined(row.get_state_display(), row.mailing.subject),
            f"{url}?recipient={row.code}",
            row.enrolment.attempt_id,
            LETTER_TONES.get(row.state, "info"),
            "send",
            needs="candidates.view_mailing",
        )


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def _joined(*words: str) -> str:
    return " · ".join(word for word in words if word)


def attempts_of(candidate: Candidate) -> Attempts:
    """Return the candidate's attempts by key, with their sessions; one query."""
    rows: Iterable = candidate.enrolments.select_related("attempt__session")
    return {row.attempt_id: row.attempt for row in rows}
