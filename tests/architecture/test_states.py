"""Full matrices of every machine: the table decides, and the picture agrees."""

import re

import pytest

from candidates import enums as candidate_enums
from candidates.domain import (
    checkin,
    companions,
    conflicts,
    face_login,
    identity_codes,
    leases,
    mailings,
    recordings,
    roster,
    roster_photos,
    tickets,
)
from exams.domain import attempts, projects, retention, scoring
from exams.enums import AttemptState, RetentionState, SessionState, SheetState
from helpdesk import enums as helpdesk_enums
from helpdesk.domain import requests
from proctoring import enums as proctoring_enums
from proctoring.domain import cases, incidents
from tests.architecture.source import ROOT

MACHINES = {
    "Attempt": (attempts.MACHINE, AttemptState),
    "Session": (projects.MACHINE, SessionState),
    "Sheet": (scoring.SHEET_MACHINE, SheetState),
    "Lease": (leases.MACHINE, candidate_enums.LeaseState),
    "Companion": (companions.MACHINE, candidate_enums.CompanionState),
    "CheckIn": (checkin.MACHINE, candidate_enums.CheckInState),
    "IdentityCode": (identity_codes.MACHINE, candidate_enums.IdentityCodeState),
    "FaceCheck": (face_login.MACHINE, candidate_enums.FaceCheckState),
    "Recording": (recordings.MACHINE, candidate_enums.RecordingState),
    "Incident": (incidents.MACHINE, proctoring_enums.IncidentState),
    "Case": (cases.MACHINE, proctoring_enums.CaseState),
    "ConflictMatch": (conflicts.MACHINE, candidate_enums.MatchState),
    "Request": (requests.MACHINE, helpdesk_enums.RequestState),
    "PhotoBatch": (roster_photos.MACHINE, candidate_enums.PhotoBatchState),
    "Mailing": (mailings.MACHINE, candidate_enums.MailingState),
    "Recipient": (mailings.RECIPIENT_MACHINE, candidate_enums.RecipientState),
    "Tickets": (tickets.MACHINE, candidate_enums.TicketsState),
    "RetentionRun": (retention.MACHINE, RetentionState),
    "RosterImport": (roster.MACHINE, candidate_enums.ImportState),
}


def drawn(name):
    text = (ROOT / "docs" / "states.md").read_text("utf-8")
    part = re.search(rf"^## {name}\b.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[0]
    rows = re.findall(r"^\| (\w+) \| ([\w, ]+) \|$", part, re.MULTILINE)
    return {old: frozenset(new.split(", ")) for old, new in rows if old != "from"}


@pytest.mark.parametrize("name", MACHINES)
def test_machine_and_its_picture_agree(name):
    machine, _ = MACHINES[name]

    assert drawn(name) == machine.moves


@pytest.mark.parametrize("name", MACHINES)
def test_every_pair_of_states_is_legal_exactly_when_the_table_says_so(name):
    machine, states = MACHINES[name]
    values = set(states.values)
    named = set(machine.moves) | {
        new for news in machine.moves.values() for new in news
    }

    legal = {(a, b) for a in values for b in values if machine.allows(a, b)}

    assert named <= values
    assert legal == {(old, new) for old, news in machine.moves.items() for new in news}
    assert not any(machine.allows(state, state) for state in values)
