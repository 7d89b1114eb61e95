"""The state reply, which answers every act of a candidate."""

from datetime import datetime

from candidates.domain.leases import edge_token
from candidates.models import DeviceLease
from candidates.queries.standing import lease_by_digest
from candidates.queries.state import state_of


def state_reply(lease: DeviceLease, *, at: datetime) -> dict:
    """Return the whole state reply, read again from the database."""
    fresh = lease_by_digest(lease.token_digest) or lease
    return state_of(fresh, at=at) | {"edge_token": edge_token(fresh, at=at)}
