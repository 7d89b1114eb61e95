"""The audit trail as it is looked through: who acted where, and what was checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from exams.models import AuditEntry, Session, Staff
from exams.queries.acts import actor_words
from exams.queries.fact_words import SUBJECTS
from exams.queries.scope import administered

SYSTEM = "system"
VERIFIED = "audit.verified"
MOST_CHAINS = 100


@dataclass(frozen=True)
class Chain:
    """One chain: how long it is now, and how its newest check ended.

    `result` is "sound", "broken" or "" (never checked); `checked` how many entries
    the check went through, or at which one it stopped.
    """

    code: str
    title: str
    length: int
    result: str
    checked: int
    at: datetime | None
    by: str


def entries_for(staff: Staff) -> QuerySet[AuditEntry]:
    """Return the entries that this person may read: of their own sessions' chains."""
    if staff.is_superuser:
        return AuditEntry.objects.all()
    own = Session.objects.filter(project__in=administered(staff))
    return AuditEntry.objects.filter(chain__in=own.values("code"))


def of_person(entries: QuerySet[AuditEntry], text: str) -> QuerySet[AuditEntry]:
    """Return what one account, or the candidate of one attempt, did."""
    wanted = Q(actor_kind__in=("candidate", "device"), actor_ref=text)
    account = Staff.objects.filter(username=text).values_list("pk", flat=True).first()
    if account is not None:
        wanted |= Q(actor_kind="staff", actor_ref=str(account))
    return entries.filter(wanted)


def about(entries: QuerySet[AuditEntry], text: str) -> QuerySet[AuditEntry]:
    """Return what was done to one thing: `attempt:abc`, or its code or key alone."""
    if ":" in text:
        return entries.filter(subject=text)
    return entries.filter(subject__in=[f"{kind}:{text}" for kind in SUBJECTS])


def name_people(entries: list[AuditEntry]) -> list[AuditEntry]:
    """Give each entry `who` and `where` in words; two queries."""
    who = actor_names((entry.actor_kind, entry.actor_ref) for entry in entries)
    titles = dict(
        Session.objects.filter(code__in={entry.chain for entry in entries}).values_list(
            "code", "title"
        )
    )
    for entry in entries:
        entry.who = who[entry.actor_kind, entry.actor_ref]
        entry.where = titles.get(entry.chain, "")
    return entries


def actor_names(actors: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return who each `(kind, ref)` is, in words; one query."""
    wanted = {*actors}
    keys = [int(ref) for kind, ref in wanted if kind == "staff" and ref.isdecimal()]
    accounts = dict(Staff.objects.filter(pk__in=keys).values_list("pk", "username"))
    known = {("staff", str(pk)): name for pk, name in accounts.items()}
    return {
        (kind, ref): f"{actor_words(kind)} {known.get((kind, ref), ref)}".strip()
        for kind, ref in wanted
    }


def chains_of(staff: Staff, *, codes: Iterable[str] = ()) -> list[Chain]:
    """Return the chains that this person may check, the newest sessions first.

    With `codes` only those. Five queries at most, whatever the number of chains.
    """
    sessions = Session.objects.filter(project__in=administered(staff))
    if codes:
        sessions = sessions.filter(code__in=codes)
    titles = dict(
        sessions.order_by("-starts_at", "-pk").values_list("code", "title")[
            :MOST_CHAINS
        ]
    )
    names = [*titles]
    if staff.is_superuser and (not codes or SYSTEM in codes):
        names.insert(0, SYSTEM)
    lengths = dict(
        AuditEntry.objects.filter(chain__in=names)
        .order_by()
        .values_list("chain")
        .annotate(length=Max("seq"))
    )
    checks = _newest_checks(names)
    return [
        _chain(name, titles.get(name, ""), lengths.get(name, 0), checks.get(name))
        for name in names
    ]


def _newest_checks(names: list[str]) -> dict[str, AuditEntry]:
    subjects = [f"chain:{name}" for name in names]
    newest = (
        AuditEntry.objects.filter(subject__in=subjects, action=VERIFIED)
        .order_by()
        .values_list("subject")
        .annotate(last=Max("pk"))
        .values_list("last", flat=True)
    )
    rows = name_people(list(AuditEntry.objects.filter(pk__in=newest)))
    return {row.subject.partition(":")[2]: row for row in rows}


def _chain(code: str, title: str, length: int, check: AuditEntry | None) -> Chain:
    facts = check.facts if check else {}
    return Chain(
        code=code,
        title=title,
        length=length,
        result=facts.get("result", ""),
        checked=facts.get("entries", 0),
        at=check.at if check else None,
        by=check.who if check else "",
    )
