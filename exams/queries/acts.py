"""Words for the actions of the audit trail; an unknown one shows its code."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

ACTS: dict[str, Promise] = {
    "admin.add": pgettext_lazy("act", "Added on a form"),
    "admin.change": pgettext_lazy("act", "Changed on a form"),
    "admin.delete": pgettext_lazy("act", "Deleted on a form"),
    "attempt.absent": pgettext_lazy("act", "Recorded as absent"),
    "attempt.checked_in": pgettext_lazy("act", "Identity proved"),
    "attempt.enrolled": pgettext_lazy("act", "Absence taken back"),
    "attempt.entered": pgettext_lazy("act", "Entered the exam"),
    "attempt.marked": pgettext_lazy("act", "Scoring complete"),
    "attempt.released": pgettext_lazy("act", "Result shown"),
    "attempt.sealed": pgettext_lazy("act", "Recordings sealed"),
    "attempt.submitted": pgettext_lazy("act", "Exam ended"),
    "attempt.withdrawn": pgettext_lazy("act", "Withdrew"),
    "check_in.approved": pgettext_lazy("act", "Identity check approved"),
    "check_in.declined": pgettext_lazy("act", "Identity check declined"),
    "check_in.requested": pgettext_lazy("act", "Identity check requested"),
    "document.created": pgettext_lazy("act", "Document written"),
    "document.published": pgettext_lazy("act", "Document published"),
    "draw.closed": pgettext_lazy("act", "Draw closed"),
    "draw.committed": pgettext_lazy("act", "Draw committed"),
    "draw.number_drawn": pgettext_lazy("act", "Number drawn"),
    "exhibit.created": pgettext_lazy("act", "Scoring material made"),
    "exhibit.opened": pgettext_lazy("act", "Scoring material opened"),
    "candidate.photo_set": pgettext_lazy("act", "Roster photo put in"),
    "lease.active": pgettext_lazy("act", "Signed in on a computer"),
    "lease.superseded": pgettext_lazy("act", "Another computer took over"),
    "lease.waiting": pgettext_lazy("act", "Asked to change computers"),
    "lease.ended": pgettext_lazy("act", "Signed out"),
    "paper.created": pgettext_lazy("act", "Paper written"),
    "paper.sealed": pgettext_lazy("act", "Paper sealed"),
    "project.created": pgettext_lazy("act", "Project made"),
    "recording.needs_review": pgettext_lazy("act", "Recording needs a look"),
    "recording.sealed": pgettext_lazy("act", "Recording sealed"),
    "recording.verified": pgettext_lazy("act", "Recording verified"),
    "recordings.created": pgettext_lazy("act", "Recordings prepared"),
    "roster.committed": pgettext_lazy("act", "Roster imported"),
    "roster.discarded": pgettext_lazy("act", "Roster discarded"),
    "roster.enrolled": pgettext_lazy("act", "Candidates enrolled"),
    "roster.previewed": pgettext_lazy("act", "Roster read"),
    "session.archived": pgettext_lazy("act", "Session archived"),
    "session.created": pgettext_lazy("act", "Session made"),
    "session.frozen": pgettext_lazy("act", "Session frozen"),
    "session.published": pgettext_lazy("act", "Session published"),
    "session.released": pgettext_lazy("act", "Results released"),
    "session.scoring": pgettext_lazy("act", "Scoring started"),
    "sheet.locked": pgettext_lazy("act", "Sheet locked"),
    "sheet.opened": pgettext_lazy("act", "Sheet opened"),
    "sheet.submitted": pgettext_lazy("act", "Sheet submitted"),
    "staff.assigned": pgettext_lazy("act", "Role given"),
    "staff.created": pgettext_lazy("act", "Account made"),
    "staff.made_superuser": pgettext_lazy("act", "Made a full administrator"),
    "staff.unassigned": pgettext_lazy("act", "Role taken away"),
    "step.accept": pgettext_lazy("act", "Reason for accepting a recording"),
    "step.close-entry": pgettext_lazy("act", "Reason for closing entry"),
    "step.freeze": pgettext_lazy("act", "Reason for the freeze"),
    "step.publish": pgettext_lazy("act", "Reason for publishing"),
    "step.release": pgettext_lazy("act", "Reason for the release"),
    "step.restore": pgettext_lazy("act", "Reason for taking the absence back"),
    "step.start-scoring": pgettext_lazy("act", "Reason for starting scoring"),
}
ACTORS: dict[str, Promise] = {
    "staff": pgettext_lazy("actor", "Staff"),
    "candidate": pgettext_lazy("actor", "Candidate"),
    "device": pgettext_lazy("actor", "Device"),
    "job": pgettext_lazy("actor", "Background job"),
    "system": pgettext_lazy("actor", "System"),
}


def actor_words(kind: str) -> str:
    """Return the kind of an actor in the reader's language."""
    return str(ACTORS.get(kind, kind))


def act_words(action: str) -> str:
    """Return the action in the reader's language."""
    return str(ACTS.get(action, action))
