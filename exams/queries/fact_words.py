"""What an audit entry says, in the reader's language: subjects and facts.

A key or a value without words shows its code, as an act does.
"""

from collections.abc import Mapping

from django.apps import apps
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from exams.enums import (
    AttemptState,
    Platform,
    RetentionClass,
    Role,
    Scope,
    SessionState,
    SheetState,
    Stage,
)
from exams.models import AuditEntry, Session

DIGEST_LENGTH = 64
DIGEST_SHOWN = 12
SUBJECTS: dict[str, Promise] = {
    "announcement": pgettext_lazy("subject", "Announcement"),
    "approval": pgettext_lazy("subject", "Approval"),
    "article": pgettext_lazy("subject", "Article"),
    "attempt": pgettext_lazy("subject", "Attempt"),
    "candidate": pgettext_lazy("subject", "Candidate"),
    "case": pgettext_lazy("subject", "Case"),
    "chain": pgettext_lazy("subject", "Chain"),
    "checkin": pgettext_lazy("subject", "Check-in"),
    "companion": pgettext_lazy("subject", "Phone"),
    "conflict": pgettext_lazy("subject", "Declared conflict"),
    "deletion": pgettext_lazy("subject", "Deletion"),
    "devicelease": pgettext_lazy("subject", "Computer"),
    "document": pgettext_lazy("subject", "Document"),
    "exhibit": pgettext_lazy("subject", "Scoring material"),
    "incident": pgettext_lazy("subject", "Incident"),
    "list": pgettext_lazy("subject", "List"),
    "mailing": pgettext_lazy("subject", "Letter"),
    "paper": pgettext_lazy("subject", "Paper"),
    "photos": pgettext_lazy("subject", "Roster photos"),
    "project": pgettext_lazy("subject", "Project"),
    "readiness": pgettext_lazy("subject", "Readiness board"),
    "recording": pgettext_lazy("subject", "Recording"),
    "request": pgettext_lazy("subject", "Request"),
    "room": pgettext_lazy("subject", "Room"),
    "roster": pgettext_lazy("subject", "Roster import"),
    "session": pgettext_lazy("subject", "Session"),
    "sheet": pgettext_lazy("subject", "Sheet"),
    "signinlock": pgettext_lazy("subject", "Locked sign-in"),
    "staff": pgettext_lazy("subject", "Account"),
    "tickets": pgettext_lazy("subject", "Admission tickets"),
    "token": pgettext_lazy("subject", "API token"),
}
FACTS: dict[str, Promise] = {
    "action": pgettext_lazy("fact", "act"),
    "after": pgettext_lazy("fact", "after"),
    "approval": pgettext_lazy("fact", "approval"),
    "arguments": pgettext_lazy("fact", "settings"),
    "article": pgettext_lazy("fact", "article"),
    "articles": pgettext_lazy("fact", "articles"),
    "at": pgettext_lazy("fact", "at"),
    "attempt": pgettext_lazy("fact", "attempt"),
    "audience": pgettext_lazy("fact", "audience"),
    "auto": pgettext_lazy("fact", "dealt by the system"),
    "backend": pgettext_lazy("fact", "comparison by"),
    "bad": pgettext_lazy("fact", "with problems"),
    "before": pgettext_lazy("fact", "before"),
    "bundle": pgettext_lazy("fact", "sealed bundle"),
    "bytes": pgettext_lazy("fact", "bytes"),
    "case": pgettext_lazy("fact", "case"),
    "changed": pgettext_lazy("fact", "changed"),
    "check": pgettext_lazy("fact", "comparison"),
    "class": pgettext_lazy("fact", "class"),
    "claimed": pgettext_lazy("fact", "being sent"),
    "closes": pgettext_lazy("fact", "closes"),
    "commitment": pgettext_lazy("fact", "commitment"),
    "companion": pgettext_lazy("fact", "phone"),
    "complete": pgettext_lazy("fact", "complete"),
    "consent": pgettext_lazy("fact", "consent"),
    "count": pgettext_lazy("fact", "how many"),
    "criteria": pgettext_lazy("fact", "criteria"),
    "day": pgettext_lazy("fact", "day"),
    "days": pgettext_lazy("fact", "days"),
    "deleted": pgettext_lazy("fact", "deleted"),
    "digest": pgettext_lazy("fact", "digest"),
    "digests": pgettext_lazy("fact", "digests"),
    "distances": pgettext_lazy("fact", "distances"),
    "documents": pgettext_lazy("fact", "documents"),
    "due": pgettext_lazy("fact", "due"),
    "entries": pgettext_lazy("fact", "entries"),
    "epoch": pgettext_lazy("fact", "epoch"),
    "exhibit": pgettext_lazy("fact", "scoring material"),
    "failed": pgettext_lazy("fact", "failed"),
    "failures": pgettext_lazy("fact", "failures"),
    "fields": pgettext_lazy("fact", "fields"),
    "files": pgettext_lazy("fact", "files"),
    "filters": pgettext_lazy("fact", "filters"),
    "format": pgettext_lazy("fact", "format"),
    "from": pgettext_lazy("fact", "from"),
    "gone": pgettext_lazy("fact", "not in the file"),
    "head": pgettext_lazy("fact", "last digest"),
    "held": pgettext_lazy("fact", "held back"),
    "how": pgettext_lazy("fact", "how"),
    "identity_code": pgettext_lazy("fact", "identity code"),
    "incident": pgettext_lazy("fact", "incident"),
    "incidents": pgettext_lazy("fact", "incidents"),
    "item": pgettext_lazy("fact", "message"),
    "kept": pgettext_lazy("fact", "left as they were"),
    "kind": pgettext_lazy("fact", "kind"),
    "language": pgettext_lazy("fact", "language"),
    "late": pgettext_lazy("fact", "late"),
    "lease": pgettext_lazy("fact", "computer"),
    "level": pgettext_lazy("fact", "level"),
    "list": pgettext_lazy("fact", "list"),
    "manifest": pgettext_lazy("fact", "manifest"),
    "marks": pgettext_lazy("fact", "marks"),
    "missing": pgettext_lazy("fact", "missing"),
    "new": pgettext_lazy("fact", "new"),
    "no_address": pgettext_lazy("fact", "without an address"),
    "nonce": pgettext_lazy("fact", "nonce"),
    "number": pgettext_lazy("fact", "number"),
    "opens": pgettext_lazy("fact", "opens"),
    "ordinal": pgettext_lazy("fact", "which of the day"),
    "origin": pgettext_lazy("fact", "origin"),
    "outcome": pgettext_lazy("fact", "outcome"),
    "owner": pgettext_lazy("fact", "owner"),
    "paper": pgettext_lazy("fact", "paper"),
    "papers": pgettext_lazy("fact", "papers"),
    "people": pgettext_lazy("fact", "people"),
    "photos": pgettext_lazy("fact", "photos"),
    "plan": pgettext_lazy("fact", "digest of the list"),
    "pool": pgettext_lazy("fact", "drawn from"),
    "platform": pgettext_lazy("fact", "kind of computer"),
    "position": pgettext_lazy("fact", "position"),
    "preset": pgettext_lazy("fact", "preset"),
    "problems": pgettext_lazy("fact", "problems"),
    "project": pgettext_lazy("fact", "project"),
    "questions": pgettext_lazy("fact", "questions"),
    "reason": pgettext_lazy("fact", "reason"),
    "reason_sha256": pgettext_lazy("fact", "digest of the reason"),
    "reasons": pgettext_lazy("fact", "reasons"),
    "recording": pgettext_lazy("fact", "recording"),
    "ref": pgettext_lazy("fact", "reference"),
    "replaced": pgettext_lazy("fact", "replaced"),
    "result": pgettext_lazy("fact", "result"),
    "results": pgettext_lazy("fact", "results"),
    "role": pgettext_lazy("fact", "role"),
    "room": pgettext_lazy("fact", "room"),
    "roster_hash": pgettext_lazy("fact", "roster fingerprint"),
    "rows": pgettext_lazy("fact", "rows"),
    "same": pgettext_lazy("fact", "unchanged"),
    "scopes": pgettext_lazy("fact", "scopes"),
    "seed": pgettext_lazy("fact", "seed"),
    "segment": pgettext_lazy("fact", "segment"),
    "sent": pgettext_lazy("fact", "sent"),
    "session": pgettext_lazy("fact", "session"),
    "sessions": pgettext_lazy("fact", "sessions"),
    "set": pgettext_lazy("fact", "taken"),
    "sha256": pgettext_lazy("fact", "digest"),
    "sheet": pgettext_lazy("fact", "sheet"),
    "sheets": pgettext_lazy("fact", "sheets"),
    "size": pgettext_lazy("fact", "size"),
    "source": pgettext_lazy("fact", "source"),
    "staff": pgettext_lazy("fact", "account"),
    "state": pgettext_lazy("fact", "state"),
    "steps": pgettext_lazy("fact", "turns of the head"),
    "stream": pgettext_lazy("fact", "stream"),
    "thresholds": pgettext_lazy("fact", "thresholds"),
    "ticket": pgettext_lazy("fact", "admission ticket"),
    "to": pgettext_lazy("fact", "to"),
    "topic": pgettext_lazy("fact", "topic"),
    "turn": pgettext_lazy("fact", "turn"),
    "unknown": pgettext_lazy("fact", "not known"),
    "version": pgettext_lazy("fact", "version"),
    "void": pgettext_lazy("fact", "cancelled score"),
    "waiting": pgettext_lazy("fact", "waiting"),
    "warnings": pgettext_lazy("fact", "warnings"),
    "why": pgettext_lazy("fact", "why"),
    "wrong": pgettext_lazy("fact", "wrong tries"),
}
# The freeze names the settings that it fixes as the session's form does.
SETTINGS = {field.name: field.verbose_name for field in Session._meta.fields}
LANGUAGES: dict[str, Promise] = {
    "zh-hans": _lazy("Simplified Chinese"),
    "en": _lazy("English"),
}
# By the first word of the act: the floors above have their own states, whose words
# are in the one catalogue.
VALUES: dict[str, Mapping[str, str | Promise]] = {
    "attempt": {
        **dict(AttemptState.choices),
        "candidate": pgettext_lazy("ended by", "by the candidate"),
        "deadline": pgettext_lazy("ended by", "by the deadline"),
        "official": pgettext_lazy("ended by", "by staff"),
    },
    "case": {
        "opened": pgettext_lazy("case", "Opened"),
        "confirmed": pgettext_lazy("case", "Confirmed"),
        "declined": pgettext_lazy("case", "Not pursued"),
        "noticed": pgettext_lazy("case", "Candidate was told"),
        "stated": pgettext_lazy("case", "Statement received"),
        "waived": pgettext_lazy("case", "Statement waived"),
        "lapsed": pgettext_lazy("case", "No statement in time"),
        "ruled": pgettext_lazy("case", "Ruled"),
        "dismiss": pgettext_lazy("ruling", "No violation"),
        "warn": pgettext_lazy("ruling", "Written warning"),
        "void": pgettext_lazy("ruling", "Score cancelled"),
        "restore": pgettext_lazy("ruling", "Cancellation taken back"),
    },
    "incident": {
        "open": pgettext_lazy("incident", "Open"),
        "dismissed": pgettext_lazy("incident", "Looked at, no problem"),
        "in_case": pgettext_lazy("incident", "Part of a case"),
    },
    "request": {
        "open": pgettext_lazy("request", "Waiting"),
        "owned": pgettext_lazy("request", "Taken"),
        "resolved": pgettext_lazy("request", "Resolved"),
        "reopened": pgettext_lazy("request", "Asked again"),
    },
    "session": {**dict(Stage.choices), **dict(SessionState.choices)},
    "sheet": dict(SheetState.choices),
    "staff": dict(Role.choices),
    "recording": {
        "open": pgettext_lazy("recording", "Open"),
        "sealed": pgettext_lazy("recording", "Sealed"),
        "verified": pgettext_lazy("recording", "Verified"),
        "needs_review": pgettext_lazy("recording", "Needs review"),
    },
    "lease": {
        "waiting": pgettext_lazy("lease", "Waiting for a takeover"),
        "active": pgettext_lazy("lease", "Active"),
        "superseded": pgettext_lazy("lease", "Superseded"),
        "ended": pgettext_lazy("lease", "Ended"),
    },
    "check_in": {
        "waiting": pgettext_lazy("check-in", "Waiting for a person"),
        "approved": pgettext_lazy("check-in", "Approved"),
        "declined": pgettext_lazy("check-in", "Declined"),
        "settled": pgettext_lazy("check-in", "Proved by a code"),
    },
    "companion": {
        "offered": pgettext_lazy("companion", "Code is shown"),
        "opened": pgettext_lazy("companion", "Digits are compared"),
        "bound": pgettext_lazy("companion", "Bound"),
        "filming": pgettext_lazy("companion", "Filming"),
        "ended": pgettext_lazy("companion", "Ended"),
        "expired": pgettext_lazy("companion", "Expired"),
        "revoked": pgettext_lazy("companion", "Revoked"),
        "superseded": pgettext_lazy("companion", "Another one took over"),
    },
    "mailing": {
        "everybody": pgettext_lazy("audience", "Everybody on the roster"),
        "never_tested": pgettext_lazy("audience", "Who never tested"),
        **LANGUAGES,
    },
    "computer": {**dict(Platform.choices), "mobile": _lazy("phone or tablet")},
    "upload": {
        "saved": pgettext_lazy("left", "after saving the files"),
        "confirmed": pgettext_lazy("left", "after a confirmation"),
    },
    "retention": dict(RetentionClass.choices),
    "tickets": LANGUAGES,
    "token": dict(Scope.choices),
    "audit": {
        "sound": pgettext_lazy("check", "Sound"),
        "broken": pgettext_lazy("check", "Broken"),
    },
}


def subject_words(subject: str) -> str:
    """Return what an entry is about: `attempt:abc` is "Attempt abc"."""
    kind, _colon, ref = subject.partition(":")
    known = SUBJECTS.get(kind) or _model_words(kind)
    return f"{known} {ref}" if known and ref else subject


def fact_lines(entry: AuditEntry) -> list[tuple[str, str]]:
    """Return `(label, value)` of every fact, in words where there are words."""
    values = VALUES.get(entry.action.partition(".")[0], {})
    return [
        (str(FACTS.get(name) or SETTINGS.get(name, name)), _value(value, values))
        for name, value in entry.facts.items()
    ]


def fact_text(entry: AuditEntry) -> str:
    """Return all facts of an entry on one line."""
    return "; ".join(f"{label}: {value}" for label, value in fact_lines(entry))


def _model_words(kind: str) -> str:
    """Return what forms call a row of this model; empty for no model."""
    for model in apps.get_models():
        if model._meta.model_name == kind:
            return str(capfirst(model._meta.verbose_name))
    return ""


def _value(value: object, words: Mapping[str, str | Promise]) -> str:
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_value(one, words)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(_value(one, words) for one in value)
    text = str(words.get(str(value), value))
    is_digest = len(text) == DIGEST_LENGTH and text.isalnum()
    return f"{text[:DIGEST_SHOWN]}…" if is_digest else text
