"""What the admin lets whom do; a model's stock pages are one family."""

from dataclasses import replace

from tests.policy.personas import ADMINISTRATORS, BOSS, DOOR, EVERYBODY, LISTS, NOBODY
from tests.policy.row import Row, everywhere


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


def superusers(*rows: Row) -> tuple[Row, ...]:
    """The same for rows that belong to no project."""
    return tuple(
        row
        if row.who == DOOR
        else replace(
            row, who=row.who & BOSS, beside=row.beside & BOSS, there=row.there & BOSS
        )
        for row in rows
    )


CANDIDATES_MODELS = frozenset(
    {
        *("checkin", "companion", "devicelease", "recording", "observation"),
        *("candidate", "rosterimport", "photobatch", "declaredconflict"),
        *("facecheck", "inboxitem", "ticketbatch", "latecomer"),
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
    Row("admin:retention", LISTS),
    own_rows("admin:retention_project", target="project"),
    own_rows("admin:retention_ask", target="project"),
    # A form without its answers is refused, to those who may fill it in.
    own_rows("admin:retention_ask", method="POST", target="project", gives=422),
    own_rows("admin:retention_run", target="deletion"),
    own_rows("admin:retention_run", method="POST", target="deletion", gives=422),
    own_rows("admin:retention_progress", target="deletion"),
    own_rows("admin:retention_certificate", target="deletion"),
    Row("admin:login", EVERYBODY - DOOR),
    everywhere("admin:login", method="POST"),
    Row("admin:logout", DOOR, method="POST"),
    # No form of ours asks for completions: nobody gets any.
    Row("admin:autocomplete", NOBODY),
    Row("admin:jsi18n", DOOR),
    # No row of ours has a page outside the admin.
    Row("admin:view_on_site", NOBODY, target="view_on_site"),
    Row("admin:app_list", LISTS, target="app"),
    Row("admin/(?P<url>.*)$", NOBODY, target="stray"),
    *families("paper"),
    *step("seal", "paper"),
    *step("read", "paper"),
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
    *step("discard", "session"),
    *step("bring-back", "session"),
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
    *step("hold", "attempt"),
    *step("lift-hold", "attempt"),
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
    *superusers(*families("signinlock", **READ_ONLY), *step("unlock", "signinlock")),
    *families("assignment", change=NOBODY),
    *step("end", "assignment"),
    *families("apitoken", change=NOBODY),
    *step("revoke-token", "apitoken"),
    *families("checkin", **READ_ONLY),
    *families("facecheck", **READ_ONLY),
    *families("inboxitem", **READ_ONLY),
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
    own_rows("admin:candidate_everything", target="candidate"),
    own_rows(
        "admin:candidate_everything",
        method="POST",
        target="candidate",
        body={"reason": "asked for by the person"},
    ),
    *families("candidate", add=NOBODY),
    *families("latecomer", change=NOBODY),
    *steps_of("candidates_latecomer", "agree", "latecomer"),
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
