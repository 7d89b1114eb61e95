"""Everybody who knocks: a name for each, and the sets that rows are written in."""

# The browser of a candidate, by its lease; `neighbour` sits in the same session.
LEASES = frozenset(
    {"claimed", "verified", "waiting", "superseded", "ended", "neighbour"}
)
# A program with nothing but an edge token.
TOKENS = frozenset({"edge"})
# Another system, with an API token of the project `here` and every scope.
SYSTEMS = frozenset({"system"})
# A phone, by the cookie of its pairing: it films for the attempt `here`.
PHONES = frozenset({"phone"})
# Accounts, by what they hold; a role is one in the session `here`, an administrator's
# in the project. `bare` may pass the admin's door and holds nothing, `retired` is an
# inactive superuser.
ACCOUNTS = frozenset(
    {
        *("staff", "bare", "retired", "proctor", "official", "auditor"),
        *("examiner", "chief_examiner", "helpdesk"),
        *("session_administrator", "administrator", "superuser"),
    }
)
EVERYBODY = frozenset({"public"}) | LEASES | TOKENS | PHONES | ACCOUNTS | SYSTEMS

HOLDERS = frozenset({"claimed", "verified", "waiting", "superseded", "neighbour"})
OWN = HOLDERS - {"neighbour"}
ACTIVE_HOLDERS = HOLDERS - {"waiting", "superseded"}
ACTIVE_OWN = ACTIVE_HOLDERS - {"neighbour"}
VERIFIED = frozenset({"verified", "neighbour"})
BOSS = frozenset({"superuser"})
ADMINISTRATORS = BOSS | {"administrator"}
LISTS = ADMINISTRATORS | {"session_administrator"}
DOOR = LISTS | {"bare"}
DESK = LISTS | {"helpdesk"}
EXAMINERS = frozenset({"examiner", "chief_examiner"})
SIGNED_IN = ACCOUNTS - {"retired"}
NOBODY: frozenset[str] = frozenset()
# Who watches: the proctors of the room or session, and who administers it. What is
# asked for without a picture or a chunk in the world answers 404 to them as well, so
# the world has both.
WATCHERS = LISTS | {"proctor"}
# Who answers a candidate: the desk, and whose role covers the seat.
ANSWERERS = DESK | {"proctor"}
