"""The shape of a row of the table."""

from dataclasses import dataclass, field

from tests.policy.personas import (
    EVERYBODY,
    NOBODY,
)


@dataclass(frozen=True)
class Row:
    """One act; `gives` is the status of an allowed request in the world of `world`.

    `target` names what of the world fills the URL, `body` what is sent.
    """

    name: str
    who: frozenset[str]
    method: str = "GET"
    gives: int = 200
    target: str = ""
    beside: frozenset[str] = NOBODY
    there: frozenset[str] = NOBODY
    body: dict = field(default_factory=dict, hash=False)
    # Whom the act is past already, and with which status that is said.
    past: dict[str, int] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def everywhere(name: str, **more: object) -> Row:
    """A row that asks nobody who they are."""
    return Row(name, EVERYBODY, beside=EVERYBODY, there=EVERYBODY, **more)
