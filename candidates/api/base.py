"""The state reply, which answers every act of a candidate."""

from datetime import datetime

from candidates.domain.leases import edge_token
from candidates.models import DeviceLease
from candidates.queries.standing import lease_by_digest
from candidates.queries.state import settled_state


def state_reply(lease: DeviceLease, *, at: datetime) -> dict:
    """Return the whole state reply, read again from the database."""
    return told_state(lease_by_digest(lease.token_digest) or lease, at=at)


def told_state(lease: DeviceLease, *, at: datetime) -> dict:
    """Return the whole state reply of a lease that was just read."""
    state, lease = settled_state(lease, at=at)
    return state | {"edge_token": edge_token(lease, at=at)}
