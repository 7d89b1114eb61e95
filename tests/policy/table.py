"""Who may do what: one row per URL name and method, one per socket message.

Everything that is not written here is denied. `who` is asked with a target of the
persona's own; `beside` (another session or person of the same project) and `there`
(another project) name those who may even then.
"""

from dataclasses import dataclass, field

from candidates.domain.checkin import CONSENT_VERSION
from candidates.domain.face_login import CONSENT_VERSION as FACE_CONSENT_VERSION
from exams.kernel import clock
from tests.builders.exams import before_start

PHOTOS = 2
# The open face check of the attempt `here`, on the lease that is `claimed`.
CHALLENGE = "facecheckofhere"
NOTICED = {
    "kind": "focus_lost",
    "stream": "",
    "from_ms": clock.milliseconds(before_start(1300)),
    "to_ms": clock.milliseconds(before_start(1299)),
    "facts": {},
}

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


PUBLIC = (
    everywhere("healthz"),
    # No worker runs beside the tests, which the page has to say.
    everywhere("readyz", gives=503),
    everywhere("set_language", method="POST", gives=302, body={"language": "en"}),
    everywhere("integrity:keys"),
    everywhere("integrity:draw", target="session"),
    everywhere("candidate:landing"),
    everywhere("candidate:entry", target="project"),
    everywhere("candidate:entry", method="POST", target="project", gives=403),
    everywhere("candidate:sign-out", method="POST", target="project", gives=302),
)

CANDIDATE = (
    Row("candidate:home", HOLDERS, target="project", beside=HOLDERS),
    # Another project's file is not there, whoever asks.
    Row("candidate:document-file", HOLDERS, target="file", beside=HOLDERS),
    Row("candidate:exam", OWN, target="attempt"),
    Row("candidate:result", OWN, target="attempt"),
    Row(
        "candidate:face-withdrawal",
        HOLDERS - {"waiting"},
        method="POST",
        gives=302,
        target="project",
        beside=HOLDERS - {"waiting"},
    ),
    Row("candidate:ticket", OWN - {"waiting"}, target="attempt"),
    Row("candidate:ticket-file", OWN - {"waiting"}, target="ticket_file"),
    Row("candidate:ticket-photo", OWN - {"waiting"}, target="attempt"),
    Row("candidate:open", OWN, method="POST", gives=302, target="open"),
)

MOCKS = (
    # Any browser of the project's candidates, also one that waits for a takeover.
    Row(
        "candidate:mock",
        HOLDERS,
        method="POST",
        gives=302,
        target="mock",
        beside=HOLDERS,
    ),
)

FACES = (
    Row(
        "api:face-challenges",
        frozenset({"claimed"}),
        method="POST",
        gives=201,
        body={"consent_version": FACE_CONSENT_VERSION},
        past=dict.fromkeys(VERIFIED, 409),
    ),
    Row(
        "api:face-answers",
        frozenset({"claimed"}),
        method="POST",
        body={"challenge": CHALLENGE, "frames": 3},
        past={"verified": 409},
    ),
)

API = (
    *FACES,
    Row("api:state", HOLDERS),
    Row("api:documents", HOLDERS, body={"stage": "flow"}),
    Row("api:information", VERIFIED),
    Row(
        "api:check-ins",
        frozenset({"claimed"}),
        method="POST",
        gives=201,
        body={"consent": "on", "consent_version": CONSENT_VERSION, "photos": PHOTOS},
        past=dict.fromkeys(VERIFIED, 409),
    ),
    Row("api:stage", VERIFIED, method="POST", target="stage"),
    Row("api:draw", VERIFIED, method="POST", gives=409, body={"nonce": "ab" * 16}),
    Row("api:enter", VERIFIED, method="POST", gives=409),
    Row("api:submit", VERIFIED, method="POST", gives=409, body={"confirm": True}),
    Row(
        "api:seal",
        HOLDERS - {"waiting"},
        method="POST",
        gives=409,
        body={
            "recordings": [
                {"code": "00000000-0000-4000-8000-000000000000", "segments": []}
            ]
        },
    ),
    Row(
        "api:observations",
        HOLDERS - {"waiting"},
        method="POST",
        gives=202,
        body={"items": [NOTICED]},
    ),
    Row("api:inbox", HOLDERS - {"waiting"}),
    Row(
        "api:inbox-read",
        OWN - {"waiting"},
        method="POST",
        gives=204,
        target="inbox_item",
    ),
    Row(
        "api:inbox-acknowledge",
        OWN - {"waiting"},
        method="POST",
        gives=204,
        target="inbox_item",
    ),
    # What is sent here is no picture, which only the holder is told.
    Row("api:thumbnail", VERIFIED, method="PUT", gives=415, target="stream"),
)

# The computer's side of the phone.
COMPANION_API = (
    # There is none in a session without a phone; others are refused before that.
    Row("api:companion", VERIFIED, past=dict.fromkeys(VERIFIED, 404)),
    Row("api:companion", VERIFIED, method="POST", gives=409),
    Row(
        "api:companion-match",
        VERIFIED,
        method="POST",
        gives=409,
        body={"code": "x", "match": True},
    ),
    Row("api:companion-picture", VERIFIED, past=dict.fromkeys(VERIFIED, 404)),
)
PHONE_API = (
    Row("phone:state", PHONES),
    Row("phone:beat", PHONES, method="POST", body={"heads": {}, "facts": {}}),
    Row("phone:filming", PHONES, method="POST", gives=409),
    Row("phone:stop", PHONES, method="POST", gives=409),
    Row("phone:seal", PHONES, method="POST", gives=400, body={"recordings": []}),
    Row("phone:thumbnail", PHONES, method="PUT", gives=415),
)
PHONE = (
    everywhere("phone:door"),
    everywhere("phone:door", method="POST", gives=403, body={"digits": "000000"}),
    everywhere("phone:open", target="token"),
    everywhere("phone:open", method="POST", gives=403, target="token"),
    Row("phone:film", PHONES),
)

STAFF = (
    Row("staff:home", SIGNED_IN),
    Row("staff:sign-in", EVERYBODY - SIGNED_IN, past=dict.fromkeys(SIGNED_IN, 302)),
    Row(
        "staff:sign-in",
        EVERYBODY - SIGNED_IN,
        method="POST",
        past=dict.fromkeys(SIGNED_IN, 302),
    ),
    everywhere("staff:sign-out", method="POST", gives=302),
    # Steps of a sign-in that has begun; whoever has begun none is sent to its door.
    Row("staff:second-step", NOBODY),
    Row("staff:second-step", NOBODY, method="POST"),
    Row("staff:new-password", NOBODY),
    Row("staff:new-password", NOBODY, method="POST"),
    Row("staff:security", SIGNED_IN),
    Row("staff:security", SIGNED_IN, method="POST"),
    # The world gave no link: everybody hears the same.
    Row("staff:link", NOBODY, target="token"),
    Row("staff:link", NOBODY, method="POST", target="token"),
    Row("checkins:queue", DESK),
    Row(
        "checkins:check-in", DESK, target="check_in", beside=ADMINISTRATORS, there=BOSS
    ),
    Row(
        "checkins:check-in",
        DESK,
        method="POST",
        gives=302,
        target="check_in",
        body={"decision": "approve"},
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    Row("checkins:photo", DESK, target="photo", beside=ADMINISTRATORS, there=BOSS),
    Row(
        "checkins:roster-photo",
        DESK,
        target="check_in",
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
    Row(
        "checkins:takeover",
        DESK,
        method="POST",
        gives=302,
        target="takeover",
        body={"decision": "refuse"},
        beside=ADMINISTRATORS,
        there=BOSS,
    ),
)

# Who watches: the proctors of the room or session, and who administers it. What is
# asked for without a picture or a chunk in the world answers 404 to them as well, so
# the world has both.
WATCHERS = LISTS | {"proctor"}


def watched(name: str, target: str = "seat", **more: object) -> Row:
    """A proctor's row about one attempt: their own rooms, and nobody else's."""
    return Row(name, WATCHERS, target=target, beside=ADMINISTRATORS, there=BOSS, **more)


GRID = (
    Row("proctor:grid", WATCHERS),
    watched("proctor:one"),
    watched("proctor:live"),
    watched("proctor:timeline"),
    watched("proctor:chunk", target="live_chunk"),
    watched("proctor:thumbnail", target="thumbnail"),
    watched("proctor:message", method="POST", gives=302, body={"text": "m"}),
    watched("proctor:warning", method="POST", gives=302, body={"text": "w"}),
    # Administrators look on; what a proctor or an official saw is theirs to note.
    Row(
        "proctor:incident",
        frozenset({"proctor"}),
        method="POST",
        gives=302,
        target="seat",
        body={"note": "x", "before": "20", "after": "10"},
    ),
)

# A sheet is one examiner's: `here` it is `examiner`'s, `beside` a colleague's.
MINE = frozenset({"examiner"})
EXAMINER = (
    Row("examiner:index", EXAMINERS),
    Row("examiner:desk", EXAMINERS, target="session"),
    Row(
        "examiner:desk",
        EXAMINERS,
        method="POST",
        gives=302,
        target="session",
        body={"number": "17"},
    ),
    Row("examiner:sheet", MINE, target="sheet"),
    Row(
        "examiner:marks",
        MINE,
        method="POST",
        gives=302,
        target="sheet",
        body={"mark-1": "20"},
    ),
    Row("examiner:submission", MINE, gives=302, target="sheet"),
    Row("examiner:submission", MINE, method="POST", gives=422, target="sheet"),
    Row("examiner:part", MINE, target="part"),
)

# What an examiner declares; the reply tells nothing of whom it meets.
CONFLICTS = (
    Row("conflicts:own", EXAMINERS),
    Row("conflicts:own", EXAMINERS, method="POST", gives=422),
)

# Cases are the officials' of the session; the candidate of the attempt reads their own.
OFFICIALS = frozenset({"official"})
REVIEW = (
    Row("review:desk", OFFICIALS),
    Row("review:attempt", OFFICIALS, target="attempt"),
    Row("review:attempt", OFFICIALS, method="POST", gives=422, target="attempt"),
    Row("review:dismiss", OFFICIALS, target="incident"),
    Row(
        "review:dismiss",
        OFFICIALS,
        method="POST",
        gives=302,
        target="incident",
        body={"reason": "nothing to see"},
    ),
    Row("review:case", OFFICIALS, target="case"),
    Row("review:step", OFFICIALS, target="case_step"),
    Row(
        "review:step",
        OFFICIALS,
        method="POST",
        gives=302,
        target="case_step",
        body={"hours": "24"},
    ),
    Row("review:results", OFFICIALS, target="session"),
    Row("review:film", OFFICIALS, target="film"),
    Row("cases:case", OWN - {"waiting"}, target="told_case"),
    Row(
        "cases:case",
        frozenset({"claimed", "verified"}),
        method="POST",
        gives=302,
        target="told_case",
        body={"answer": "waive"},
    ),
)
# A conversation is its asker's, and of those whose role covers it. `request` is of the
# attempt `here`; whoever is not signed in asks with a secret of the own browser.
ANSWERERS = DESK | {"proctor"}
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
API = (*API, *HELP_API)
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

EDGE_ROWS = {
    # path of the edge → methods; a token of the own attempt, and nothing else.
    "chunk": ("PUT", "HEAD"),
    "ledger": ("GET", "HEAD"),
    "paper": ("GET", "HEAD"),
    "paper-key": ("GET", "HEAD"),
}


def own_rows(name: str, gives: int = 200, **more: object) -> Row:
    """An admin's page of one row: within one's projects, superusers anywhere."""
    return Row(
        name, ADMINISTRATORS, gives=gives, beside=ADMINISTRATORS, there=BOSS, **more
    )


def families(
    model: str, *, add=LISTS, change=ADMINISTRATORS, delete=NOBODY
) -> tuple[Row, ...]:
    """Return the rows of one model's stock pages.

    The lists open to whoever holds the right anywhere; what is on them is scoped.
    """
    app = APPS.get(model, "exams")
    base = f"admin:{app}_{model}"
    return (
        Row(f"{base}_changelist", LISTS),
        Row(f"{base}_changelist", LISTS, method="POST"),
        Row(f"{base}_add", add),
        Row(f"{base}_add", add, method="POST"),
        Row(f"{base}_export", LISTS, method="POST", body={"format": "csv"}),
        own_rows(f"{base}_change", target=model),
        Row(
            f"{base}_change",
            change,
            method="POST",
            target=model,
            beside=change,
            there=change & BOSS,
        ),
        Row(f"{base}_delete", delete, target=model, beside=delete, there=delete & BOSS),
        Row(
            f"{base}_delete",
            delete,
            method="POST",
            gives=302,
            target=model,
            body={"post": "yes"},
            beside=delete,
            there=delete & BOSS,
        ),
        own_rows(f"{base}_history", target=model),
        # Only rewrites an old address; it looks nothing up.
        Row(
            f"admin/{app}/{model}/<path:object_id>/",
            DOOR,
            gives=302,
            target=model,
            beside=DOOR,
            there=DOOR,
        ),
    )


def step(name: str, model: str) -> tuple[Row, Row]:
    name = f"admin:exams_{model}_{name}"
    return own_rows(name, target=model), own_rows(name, method="POST", target=model)


def steps_of(model: str, name: str, target: str) -> tuple[Row, Row]:
    """The confirm page of another floor's step, looked at and sent."""
    name = f"admin:{model}_{name}"
    return own_rows(name, target=target), own_rows(name, method="POST", target=target)


CANDIDATES_MODELS = frozenset(
    {
        *("checkin", "companion", "devicelease", "recording", "observation"),
        *("candidate", "rosterimport", "photobatch", "declaredconflict"),
        "ticketbatch",
        *("mailing", "mailtemplate", "mailpermit"),
    }
)
PERMIT = "admin:candidates_mailpermit_change"
APPS = {
    **dict.fromkeys(CANDIDATES_MODELS, "candidates"),
    **dict.fromkeys(("article", "case", "incident"), "proctoring"),
}
READ_ONLY = {"add": NOBODY, "change": NOBODY}

ADMIN = (
    Row("admin:index", DOOR),
    Row("admin:find", LISTS, body={"q": "2030"}),
    Row("admin:readiness", LISTS),
    own_rows("admin:readiness_session", target="session"),
    # A post shows telephone numbers.
    own_rows("admin:readiness_session", method="POST", target="session"),
    own_rows(
        "admin:readiness_export",
        method="POST",
        target="session",
        body={"format": "csv"},
    ),
    # The machine is the superusers'.
    Row("admin:jobs", BOSS),
    Row("admin:login", EVERYBODY - DOOR),
    everywhere("admin:login", method="POST"),
    Row("admin:logout", DOOR, method="POST"),
    Row("admin:password_change", DOOR),
    Row("admin:password_change", DOOR, method="POST"),
    Row("admin:password_change_done", DOOR),
    # No form of ours asks for completions: nobody gets any.
    Row("admin:autocomplete", NOBODY),
    Row("admin:jsi18n", DOOR),
    # No row of ours has a page outside the admin.
    Row("admin:view_on_site", NOBODY, target="view_on_site"),
    Row("admin:app_list", LISTS, target="app"),
    Row("admin/(?P<url>.*)$", NOBODY, target="stray"),
    *families("paper"),
    *step("seal", "paper"),
    *families("article"),
    *families("project", add=BOSS),
    # Whoever may not make a project may not copy one.
    Row("admin:exams_project_copy", BOSS, target="project", beside=BOSS, there=BOSS),
    Row(
        "admin:exams_project_copy",
        BOSS,
        method="POST",
        target="project",
        beside=BOSS,
        there=BOSS,
    ),
    *families("document", delete=ADMINISTRATORS),
    *step("publish", "document"),
    own_rows("admin:exams_document_preview", target="document"),
    own_rows("admin:exams_document_file", target="filed"),
    *families("session"),
    Row("admin:exams_session_meaning", LISTS),
    *step("acknowledge", "session"),
    *step("publish", "session"),
    *step("draw-paper", "session"),
    *step("freeze", "session"),
    *step("close-entry", "session"),
    *step("start-scoring", "session"),
    *(
        row
        for name in (
            *("postpone", "cancel", "replace-paper", "reopen-entry", "move-cap"),
            "agree",
        )
        for row in step(name, "session")
    ),
    *step("release", "session"),
    own_rows("admin:exams_session_rooms", target="session"),
    *step("split-candidates", "session"),
    *step("split-proctors", "session"),
    *step("panels", "session"),
    *families("room"),
    *families("attempt", **READ_ONLY),
    *step("restore", "attempt"),
    *step("move", "attempt"),
    *families("draw", **READ_ONLY),
    *families("sheet", **READ_ONLY),
    *families("result", **READ_ONLY),
    *families("auditentry", **READ_ONLY),
    Row("admin:audit_check", LISTS),
    # What belongs to no session is the superusers' to check.
    Row("admin:audit_check", BOSS, method="POST", gives=302, body={"chain": "system"}),
    *(
        row
        for row in families("staff")
        if str(row)
        not in ("GET admin:exams_staff_change", "GET admin:exams_staff_history")
    ),
    # Accounts are the organisation's: seen by every administrator, touched by those
    # who administer all that the person may do.
    Row("admin:exams_staff_change", LISTS, target="staff", beside=LISTS, there=LISTS),
    Row("admin:exams_staff_history", LISTS, target="staff", beside=LISTS, there=LISTS),
    *step("reset", "staff"),
    *step("deactivate", "staff"),
    *step("activate", "staff"),
    *step("unlock", "staff"),
    *step("drop-second-step", "staff"),
    *families("assignment", change=NOBODY),
    *step("end", "assignment"),
    *families("apitoken", change=NOBODY),
    *step("revoke-token", "apitoken"),
    *families("checkin", **READ_ONLY),
    *families("devicelease", **READ_ONLY),
    *families("companion", **READ_ONLY),
    own_rows("admin:candidates_companion_reprint", target="companion"),
    own_rows("admin:candidates_companion_reprint", method="POST", target="companion"),
    own_rows("admin:candidates_companion_revoke", target="companion"),
    own_rows("admin:candidates_companion_revoke", method="POST", target="companion"),
    *families("recording", **READ_ONLY),
    own_rows("admin:candidates_recording_accept", target="recording"),
    own_rows("admin:candidates_recording_accept", method="POST", target="recording"),
    *families("observation", **READ_ONLY),
    *families("case", **READ_ONLY),
    *families("incident", **READ_ONLY),
    own_rows("admin:candidate_timeline", target="candidate"),
    *families("candidate", add=NOBODY),
    *families("declaredconflict", change=NOBODY),
    own_rows("admin:candidates_declaredconflict_withdraw", target="declaredconflict"),
    own_rows(
        "admin:candidates_declaredconflict_withdraw",
        method="POST",
        target="declaredconflict",
    ),
    own_rows("admin:conflict_lift", target="match"),
    own_rows("admin:conflict_lift", method="POST", target="match"),
    own_rows("admin:candidate_photo", target="candidate"),
    *(
        row
        for row in families("rosterimport", **READ_ONLY)
        if not row.name.endswith(("_add", "_change"))
    ),
    *(
        row
        for row in families("ticketbatch", **READ_ONLY)
        if not row.name.endswith(("_add", "_change"))
    ),
    *steps_of("candidates_ticketbatch", "publish", "ticketbatch"),
    *steps_of("candidates_ticketbatch", "withdraw", "ticketbatch"),
    Row("admin:candidates_ticketbatch_add", LISTS),
    Row("admin:candidates_ticketbatch_add", LISTS, method="POST"),
    Row("admin:tickets_request", LISTS),
    Row("admin:tickets_request", LISTS, method="POST"),
    own_rows("admin:candidates_ticketbatch_change", target="ticketbatch"),
    own_rows("admin:tickets_show", target="ticketbatch"),
    own_rows("admin:tickets_progress", target="ticketbatch"),
    own_rows("admin:tickets_print", target="ticketbatch"),
    own_rows("admin:tickets_file", target="ticket"),
    *families("mailtemplate"),
    *(row for row in families("mailpermit") if str(row) != f"POST {PERMIT}"),
    # A tick that is not sent is a no: an empty form is a whole one.
    own_rows(PERMIT, 302, method="POST", target="mailpermit"),
    *(
        row
        for row in families("mailing", **READ_ONLY)
        if not row.name.endswith(("_add", "_change"))
    ),
    *(
        row
        for name in ("send", "discard", "stop", "go-on", "retry")
        for row in steps_of("candidates_mailing", name, "mailing")
    ),
    Row("admin:candidates_mailing_add", LISTS),
    Row("admin:candidates_mailing_add", LISTS, method="POST"),
    Row("admin:mailing_draft", LISTS),
    Row("admin:mailing_draft", LISTS, method="POST"),
    own_rows("admin:candidates_mailing_change", target="mailing"),
    own_rows("admin:mailing_show", target="mailing"),
    own_rows("admin:mailing_progress", target="mailing"),
    own_rows("admin:mailing_untested", target="formal_session"),
    # The own pages stand in front of the stock ones of the same address.
    Row("admin:candidates_rosterimport_add", LISTS),
    Row("admin:candidates_rosterimport_add", LISTS, method="POST"),
    Row("admin:roster_upload", LISTS),
    Row("admin:roster_upload", LISTS, method="POST"),
    own_rows("admin:candidates_rosterimport_change", target="rosterimport"),
    own_rows("admin:roster_preview", target="rosterimport"),
    own_rows("admin:roster_commit", 302, method="POST", target="rosterimport"),
    own_rows("admin:roster_discard", 302, method="POST", target="rosterimport"),
    own_rows("admin:roster_bad_sheet", target="rosterimport"),
    # Without a file nothing is corrected.
    own_rows("admin:roster_correct", 422, method="POST", target="rosterimport"),
    *(
        row
        for row in families("photobatch", **READ_ONLY)
        if not row.name.endswith(("_add", "_change"))
    ),
    Row("admin:candidates_photobatch_add", LISTS),
    Row("admin:candidates_photobatch_add", LISTS, method="POST"),
    Row("admin:photos_upload", LISTS),
    Row("admin:photos_upload", LISTS, method="POST"),
    own_rows("admin:candidates_photobatch_change", target="photobatch"),
    own_rows("admin:photos_preview", target="photobatch"),
    # No photo of it can be used: refused, after the right to do it was checked.
    own_rows("admin:photos_commit", 409, method="POST", target="photobatch"),
    own_rows("admin:photos_discard", 302, method="POST", target="photobatch"),
)

READING = (
    Row("reading:projects", SYSTEMS),
    Row("reading:sessions", SYSTEMS),
    Row("reading:attempts", SYSTEMS, target="session", beside=SYSTEMS),
    Row("reading:results", SYSTEMS, target="session", beside=SYSTEMS),
    everywhere("reading:schema"),
    everywhere("reading:docs"),
)
JSON_API = (*API, *COMPANION_API, *PHONE_API)
ROWS = (
    *(*PUBLIC, *CANDIDATE, *MOCKS, *JSON_API),
    *(*PHONE, *STAFF, *GRID, *EXAMINER, *CONFLICTS, *REVIEW, *READING, *HELP, *ADMIN),
)

# What a socket may say, and how it is answered.
INBOUND = {"heartbeat": HOLDERS}
FRAMES = {"events": HOLDERS - {"superseded"}, "lease_lost": frozenset({"superseded"})}
# The grid's socket: what a proctor's page may say, and what it hears.
GRID_INBOUND = {"heartbeat": WATCHERS}
GRID_FRAMES = {"tiles": WATCHERS, "alarm": WATCHERS}
# What the sockets of conversations may be told, and what they answer beside events.
HELP_INBOUND = {"post": ACTIVE_OWN | ANSWERERS, "read": ACTIVE_OWN | ANSWERERS}
HELP_FRAMES = {"accepted": ACTIVE_OWN | ANSWERERS, "refused": ACTIVE_OWN | ANSWERERS}
# Which event reaches whom. A browser that waits hears of leases only; what goes to
# a session or to the staff's queue reaches no candidate.
ACTIVE = frozenset({"claimed", "verified"})
ON_THE_ATTEMPT = (
    "face_check.decided",
    *("attempt.moved", "check_in.requested", "check_in.decided", "draw.number_drawn"),
    "companion.moved",
    *("recordings.created", "recording.moved", "result.released", "stage.finished"),
    *("inbox.delivered", "inbox.acknowledged"),
    *("result.voided", "result.restored"),
)
EVENTS = {
    **dict.fromkeys(ON_THE_ATTEMPT, ACTIVE),
    "lease.activated": ACTIVE | {"waiting"},
    "lease.refused": ACTIVE | {"waiting"},
    "takeover.requested": NOBODY,
    "draw.closed": NOBODY,
    "incident.opened": NOBODY,
    "case.moved": NOBODY,
    "session.moved": NOBODY,
    # On the room's topic: it rings for the proctors' tiles and is sent to nobody.
    "room.alarmed": NOBODY,
    "message.posted": NOBODY,
    "message.read": NOBODY,
    "request.moved": NOBODY,
    "request.opened": NOBODY,
}
