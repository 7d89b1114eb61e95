"""One way to move a state: a table of legal moves and compare-and-set.

A `Machine` is declared beside the enum it moves. `move` changes the row only where
the old state still holds, so that of two racing movers exactly one wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models, transaction

from exams.kernel.errors import Conflict, IllegalMove


@dataclass(frozen=True)
class Machine:
    """The legal moves of one state field: `{old: {new, …}}`."""

    moves: Mapping[str, frozenset[str]]
    field: str = "state"

    def allows(self, old: str, new: str) -> bool:
        return new in self.moves.get(old, frozenset())

    def move(self, row: models.Model, *, to: str, **changes: object) -> str:
        """Move `row` to state `to` and return the old state.

        Runs in the caller's transaction, so that its audit entry stands or falls
        with it. `changes` are columns written in the same update. Raises
        `IllegalMove` when the table has no such move, `Conflict` when the stored
        state is no longer the one the row was read with.
        """
        if not transaction.get_connection().in_atomic_block:
            message = "a state moves only inside a transaction"
            raise RuntimeError(message)
        old = getattr(row, self.field)
        if not self.allows(old, to):
            raise IllegalMove(old=old, new=to)
        changed = (
            type(row)
            ._base_manager.filter(pk=row.pk, **{self.field: old})
            .update(**{self.field: to}, **changes)
        )
        if changed != 1:
            raise Conflict(old=old, new=to)
        setattr(row, self.field, to)
        for name, value in changes.items():
            setattr(row, name, value)
        return old
