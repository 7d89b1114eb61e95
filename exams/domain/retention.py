"""Deletions: asked for, agreed to, carried out thing by thing, certified.

Owns `RetentionRun` and `RetentionItem`, and the parts of exhibits. Which things are due
is their floors' to say, and so is deleting them; what two people agreed to is the list
of them (decision 0011). Nothing is deleted without those two.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from exams.domain import approvals
from exams.domain.audit import Actor, record
from exams.enums import ApprovalAction, RetentionOutcome, RetentionState
from exams.kernel.clock import milliseconds
from exams.kernel.errors import Conflict, Refusal
from exams.kernel.states import Machine
from exams.models import (
    Attempt,
    Exhibit,
    Project,
    RetentionItem,
    RetentionRun,
    Staff,
)
from exams.queries.retention import Due, digest_over, items_left, kinds_in

MACHINE = Machine(
    {
        "asked": frozenset({"running", "replaced"}),
        "running": frozenset({"finished"}),
    }
)
CERTIFICATE = "deletion-certificate/1"
BATCH = 500


class NothingDue(Refusal):
    """There is nothing to delete."""

    code = "nothing_due"
    message = _("Nothing of what you chose is due to be deleted.")


class DeletionRunning(Conflict):
    """One deletion of this project has not finished."""

    code = "deletion_running"
    message = _("A deletion of this project is being carried out. Wait for its end.")


def propose(
    project: Project,
    *,
    items: Sequence[Due],
    cutoff: datetime,
    reason: str,
    by: Staff,
    at: datetime,
) -> RetentionRun:
    """Ask for the deletion of exactly these things, which were due at `cutoff`.

    Takes the place of an older one that nobody agreed to. Raises `NothingDue`,
    `DeletionRunning`, `ReasonMissing`, `NotAllowed`.
    """
    if not items:
        raise NothingDue
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        for old in project.retention_runs.filter(state=RetentionState.ASKED):
            MACHINE.move(old, to=RetentionState.REPLACED)
        if project.retention_runs.filter(state=RetentionState.RUNNING).exists():
            raise DeletionRunning
        run = RetentionRun(project=project, kinds=kinds_in(items), cutoff=cutoff)
        run.approval = approvals.request_approval(
            ApprovalAction.DELETION,
            project=project,
            subject=f"deletion:{run.code}",
            payload=_payload(run, items),
            reason=reason,
            by=by,
            at=at,
        )
        run.save(force_insert=True)
        RetentionItem.objects.bulk_create(
            [_item(run, one) for one in items], batch_size=BATCH
        )
    return run


def agree(
    run: RetentionRun, *, items: Sequence[Due], by: Staff, at: datetime
) -> RetentionRun:
    """Give the second person's yes; `items` is what is due and not held back now.

    The job may begin then. Raises `SamePerson`, `ApprovalExpired`, `PayloadChanged`
    when the plan is not the one that was asked for, `NotAllowed`, `IllegalMove`.
    """
    with transaction.atomic():
        payload = _payload(run, items)
        approvals.approve(run.approval, payload=payload, by=by, at=at)
        MACHINE.move(run, to=RetentionState.RUNNING, started_at=at)
        record(
            "retention.started",
            by=Actor.of_staff(by),
            at=at,
            subject=f"deletion:{run.code}",
            facts={"approval": run.approval.code, "digest": run.approval.digest},
        )
    return run


def settle(item: RetentionItem, *, outcome: str, at: datetime) -> None:
    """Write down what became of one thing, once."""
    RetentionItem.objects.filter(pk=item.pk, outcome=None).update(
        outcome=outcome, ended_at=at
    )


def finish(run: RetentionRun, *, at: datetime) -> RetentionRun:
    """End a deletion of which nothing is left, with its certificate.

    Raises `Conflict` while something is left, `IllegalMove` when it has ended.
    """
    if items_left(run).exists():
        raise Conflict(deletion=run.code)
    with transaction.atomic():
        run.finished_at = at
        certificate = certificate_of(run)
        digest = digest_over(certificate)
        MACHINE.move(
            run,
            to=RetentionState.FINISHED,
            finished_at=at,
            certificate_digest=digest,
        )
        record(
            "retention.finished",
            by=Actor.job("retention"),
            at=at,
            subject=f"deletion:{run.code}",
            facts={
                "approval": run.approval.code,
                "digest": digest,
                "plan": run.approval.digest,
                **_sums(certificate["classes"]),
            },
        )
    return run


def certificate_of(run: RetentionRun) -> dict:
    """Return what was deleted and what was held back, as canonical JSON can say it.

    `plan` is the digest that the two people agreed to, the digest of `run`, `cutoff_ms`
    and each thing's floor, class, reference, size and digest. Staff are keys, attempts
    codes; no person is named.
    """
    rows = run.items.select_related("attempt").order_by("pk")
    items = [_line(row) for row in rows.iterator(2000)]
    return {
        "kind": CERTIFICATE,
        "run": run.code,
        "project": run.project.slug,
        "plan": run.approval.digest,
        "cutoff_ms": milliseconds(run.cutoff),
        "reason": run.approval.reason,
        "asked_by": run.approval.requested_by_id,
        "asked_ms": milliseconds(run.approval.requested_at),
        "approved_by": run.approval.approved_by_id,
        "approved_ms": milliseconds(run.approval.approved_at),
        "finished_ms": milliseconds(run.finished_at),
        "classes": {kind: _total(items, kind) for kind in run.kinds},
        "items": items,
    }


def is_sound(run: RetentionRun, certificate: dict) -> bool:
    """Return whether the certificate is the one whose digest was audited."""
    return run.certificate_digest == digest_over(certificate)


def require_agreed(item: RetentionItem) -> None:
    """Raise `NotApproved` unless two people agreed to the deletion that names this.

    In the transaction in which the floor says that the thing is deleted.
    """
    agreed = RetentionRun.objects.filter(
        pk=item.run_id,
        state=RetentionState.RUNNING,
        approval__approved_at__isnull=False,
    )
    if not agreed.exists():
        raise approvals.NotApproved


def record_erasure(item: RetentionItem, subject: str, *, at: datetime) -> None:
    """Record that one thing is deleted; in the transaction that says so."""
    record(
        "retention.erased",
        by=Actor.job("retention"),
        at=at,
        subject=subject,
        facts={"class": item.kind, "ref": item.run.code, "digest": item.digest},
        chain=item.attempt.session.code if item.attempt else "system",
    )


def erase_exhibits(attempt: Attempt, *, at: datetime) -> list[str]:
    """Say that the exhibits of an attempt are deleted; return their files' paths.

    In the caller's transaction. The caller removes the files afterwards, and asks again
    for their paths after a crash.
    """
    rows = Exhibit.objects.filter(attempt=attempt)
    rows.filter(erased_at=None).update(erased_at=at)
    return [part["path"] for row in rows for part in row.parts]


def _payload(run: RetentionRun, items: Sequence[Due]) -> dict:
    return {
        "run": run.code,
        "cutoff_ms": milliseconds(run.cutoff),
        "items": sorted(
            [one.floor, str(one.kind), one.ref, one.size, one.digest] for one in items
        ),
    }


def _item(run: RetentionRun, one: Due) -> RetentionItem:
    return RetentionItem(
        run=run,
        floor=one.floor,
        kind=one.kind,
        ref=one.ref,
        attempt_id=one.attempt,
        size=one.size,
        digest=one.digest,
    )


def _line(row: RetentionItem) -> dict:
    return {
        "floor": row.floor,
        "class": row.kind,
        "ref": row.ref,
        "attempt": row.attempt.code if row.attempt else "",
        "bytes": row.size,
        "digest": row.digest,
        "outcome": row.outcome,
        "ended_ms": milliseconds(row.ended_at),
    }


def _sums(classes: dict[str, dict]) -> dict[str, int]:
    names = ("deleted", "held", "bytes")
    return {name: sum(one[name] for one in classes.values()) for name in names}


def _total(items: list[dict], kind: str) -> dict:
    own = [one for one in items if one["class"] == kind]
    gone = [one for one in own if one["outcome"] == RetentionOutcome.DELETED]
    return {
        "planned": len(own),
        "deleted": len(gone),
        "held": len(own) - len(gone),
        "bytes": sum(one["bytes"] for one in gone),
    }
