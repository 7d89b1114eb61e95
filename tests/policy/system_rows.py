"""What other systems may read with a token."""

from tests.policy.personas import SYSTEMS
from tests.policy.row import Row, everywhere

READING = (
    Row("reading:projects", SYSTEMS),
    Row("reading:sessions", SYSTEMS),
    Row("reading:attempts", SYSTEMS, target="session", beside=SYSTEMS),
    Row("reading:results", SYSTEMS, target="session", beside=SYSTEMS),
    everywhere("reading:schema"),
    everywhere("reading:docs"),
)
