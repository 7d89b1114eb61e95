"""Who may do what: one row per URL name and method.

Everything that is not written in a row is denied. `who` is asked with a target of the
persona's own; `beside` (another session or person of the same project) and `there`
(another project) name those who may even then. The rows are in `*_rows.py`, those of
the sockets in `socket_table.py`, the personas in `personas.py`.
"""

from tests.policy.admin_rows import ADMIN
from tests.policy.candidate_rows import (
    API,
    CANDIDATE,
    COMPANION_API,
    MOCKS,
    PHONE,
    PHONE_API,
    PUBLIC,
)
from tests.policy.help_rows import HELP, HELP_API
from tests.policy.staff_rows import CONFLICTS, EXAMINER, GRID, REVIEW, STAFF
from tests.policy.system_rows import READING

EDGE_ROWS = {
    # path of the edge → methods; a token of the own attempt, and nothing else.
    "chunk": ("PUT", "HEAD"),
    "ledger": ("GET", "HEAD"),
    "paper": ("GET", "HEAD"),
    "paper-key": ("GET", "HEAD"),
}


JSON_API = (*API, *HELP_API, *COMPANION_API, *PHONE_API)
ROWS = (
    *(*PUBLIC, *CANDIDATE, *MOCKS, *JSON_API),
    *(*PHONE, *STAFF, *GRID, *EXAMINER, *CONFLICTS, *REVIEW, *READING, *HELP, *ADMIN),
)
