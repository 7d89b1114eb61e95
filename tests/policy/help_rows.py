"""Who asks for help, and who answers."""

from tests.policy.personas import (
    ACTIVE_HOLDERS,
    ACTIVE_OWN,
    ADMINISTRATORS,
    ANSWERERS,
    BOSS,
)
from tests.policy.row import Row, everywhere

# A conversation is its asker's, and of those whose role covers it. `request` is of the
# attempt `here`; whoever is not signed in asks with a secret of the own browser.
SAID = {"client_id": "00000000-0000-4000-8000-000000000001", "text": "?"}
ASKED = {"topic": "network", "diagnostics": {"page": "p"}, **SAID}
HELP_API = (
    everywhere("help:mine", target="project"),
    # Without the secret, which the first look hands out, only an attempt may ask.
    Row(
        "help:mine",
        ACTIVE_HOLDERS,
        method="POST",
        gives=201,
        target="project",
        beside=ACTIVE_HOLDERS,
        body=ASKED,
    ),
    Row("help:messages", ACTIVE_OWN, target="request"),
    Row(
        "help:messages",
        ACTIVE_OWN,
        method="POST",
        gives=201,
        target="request",
        body=SAID,
    ),
    Row("help:read", ACTIVE_OWN, method="POST", target="request", body={"upto": 0}),
    Row(
        "helpdesk:messages",
        ANSWERERS,
        target="request",
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    Row(
        "helpdesk:messages",
        ANSWERERS,
        method="POST",
        gives=201,
        target="request",
        body=SAID,
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    Row(
        "helpdesk:read",
        ANSWERERS,
        method="POST",
        target="request",
        body={"upto": 0},
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    Row(
        "helpdesk:attempt",
        ANSWERERS,
        target="attempt",
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
)
HELP = (
    everywhere("help:panel", body={"project": "here"}),
    Row("helpdesk:desk", ANSWERERS),
    Row(
        "helpdesk:request",
        ANSWERERS,
        target="request",
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    Row(
        "helpdesk:step",
        ANSWERERS,
        method="POST",
        gives=302,
        target="request",
        body={"step": "take"},
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    Row("helpdesk:announcements", ANSWERERS),
    Row("helpdesk:announcements", ANSWERERS, method="POST", gives=422),
)
