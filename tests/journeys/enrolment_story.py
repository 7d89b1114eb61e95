"""The roster, the rooms, the tickets and the letters, up to the readiness board."""

import csv
import io

from exams.domain.splitting import Space, deal_people
from tests.builders.tickets import text_in
from tests.journeys.administration_story import Administration
from tests.journeys.desk import Desk
from tests.journeys.faulty_roster import (
    PLACES,
    corrected,
    photos_of,
    rows_of,
    sheet_of,
    sound_rows,
    with_errors,
)
from tests.journeys.two_documents import Prescribed

PEOPLE = 1000
ROSTER = "/admin/candidates/rosterimport/add/"
COUNTS = "new", "changed", "same", "bad", "gone"
STAFF = ("chief", "proctor-1", "proctor-2")
LETTER = "{name}您好：请于{sign_in}登录{entry_page}，准考证号{ticket_number}。{hotline}"


class Enrolment(Administration):
    """Everything that has a candidate in it."""

    def send_roster(self, desk: Desk, session: int, content: bytes) -> None:
        desk.open(f"{ROSTER}?session={session}")
        desk.put(file=self.file("roster.xlsx", content))
        desk.send(".k-confirm [type=submit]")

    def counts(self, desk: Desk) -> dict[str, int]:
        shown = desk.page.locator(".k-roster__counts .k-queue__count").all_inner_texts()
        return dict(zip(COUNTS, map(int, shown), strict=True))

    def import_roster(self, desk: Desk, session: int) -> list[list[str]]:
        """What is no roster, then a thousand rows with errors, mended and sent again."""
        truth = sound_rows(PEOPLE)
        self.send_roster(desk, session, b"no sheet at all")
        assert desk.errors()
        desk.look("roster-refused")
        self.send_roster(desk, session, sheet_of(with_errors(truth)))
        desk.look("roster-preview-bad")
        bad = len({place[1:] for place in PLACES})
        assert self.counts(desk)["bad"] == bad
        desk.send('.k-queue[href="?status=bad"]')
        named = desk.page.locator("#roster_rows .k-codeword").all_inner_texts()
        assert set(named) == PLACES
        desk.look("roster-preview-only-bad")
        with desk.download() as caught:
            desk.page.locator("[data-action=bad-sheet]").click()
        assert len(rows_of(caught[0])) == bad + 1
        mended = self.file("mended.xlsx", corrected(caught[0], truth))
        desk.page.locator(".k-roster__correct [type=file]").set_input_files(mended)
        desk.send("[data-action=correct]")
        assert self.counts(desk) == {**dict.fromkeys(COUNTS, 0), "new": PEOPLE}
        desk.look("roster-preview-sound")
        desk.send("[data-action=commit]")
        assert str(PEOPLE) in desk.told()
        desk.look("candidates")
        return truth

    def import_again(self, desk: Desk, session: int, rows: list[list[str]]) -> None:
        """The same file with one new, one changed and one missing person."""
        again = [list(row) for row in rows[:-1]]
        again[7][3] = "13700000007"
        again += sound_rows(1, first=PEOPLE)
        self.send_roster(desk, session, sheet_of(again))
        expected = {"new": 1, "changed": 1, "same": PEOPLE - 2, "bad": 0, "gone": 1}
        assert self.counts(desk) == expected
        desk.send('.k-queue[href="?status=changed"]')
        desk.look("roster-again")
        desk.send("[data-action=discard]")
        desk.look("roster-imports")

    def bring_photos(self, desk: Desk, project: int, rows: list[list[str]]) -> None:
        """Three faces and a stranger; the worker reads them."""
        desk.open("/admin/candidates/photobatch/add/")
        archive = photos_of([*(row[0] for row in rows[:3]), "no-such-ticket"])
        desk.put(project=str(project), file=self.file("photos.zip", archive))
        desk.look("photos-upload")
        desk.send(".k-confirm [type=submit]")
        desk.page.locator("[data-action=commit]").wait_for()
        desk.look("photos-preview")
        desk.send("[data-action=commit]")
        desk.open("/admin/candidates/candidate/?q=" + rows[0][0])
        desk.send("#result_list tbody th a")
        desk.says(rows[0][1])
        desk.look("candidate")

    def split_rooms(self, desk: Desk, session: int, plan: Prescribed) -> None:
        """At random; whoever has the seed on the page can deal again."""
        path = f"/admin/exams/session/{session}"
        desk.open(f"{path}/rooms/")
        desk.look("rooms-unsplit")
        desk.step(f"{path}/split-candidates/", look="split")
        seed = desk.page.locator("#splits ~ * .k-codeword, .k-codeword").first
        seed = seed.inner_text()
        assert seed in desk.told()
        desk.look("rooms-split")
        desk.open("/admin/exams/attempt/")
        rows = list(csv.reader(io.StringIO(desk.export("csv").decode("utf-8-sig"))))
        seated = {row[0]: row[2] for row in rows[1:]}
        spaces = [Space(name, capacity) for name, capacity in plan.rooms]
        assert len(seated) == PEOPLE
        assert seated == deal_people(list(seated), spaces, seed=seed)

    def appoint_staff(self, desk: Desk, session: int) -> None:
        """Accounts with links for their owners; a panel, and proctors for the rooms."""
        keys = {}
        for username in STAFF:
            desk.open("/admin/exams/staff/add/")
            desk.put(username=username, first_name=username.title())
            desk.send("[name=_save]")
            desk.put(reason="入职", way="link")
            desk.send(".k-confirm [type=submit]")
            assert "/staff/link/" in desk.page.locator("[data-secret]").inner_text()
            keys[username] = desk.page.url.split("/")[-3]
        desk.look("staff-link")
        path = f"/admin/exams/session/{session}"
        desk.open(f"{path}/panels/")
        desk.look("panels-empty")
        room = desk.page.locator("[name=room] option").nth(1).get_attribute("value")
        desk.put(room=room, staff=keys["chief"], role="chief_examiner")
        desk.send("#content form.k-confirm [type=submit]")
        assert not desk.errors(), desk.errors()
        desk.put(room=room, staff=keys["proctor-1"], role="chief_examiner")
        desk.send("#content form.k-confirm [type=submit]")
        desk.look("panels-refused")
        assert desk.errors()
        for username in STAFF[1:]:
            desk.open("/admin/exams/assignment/add/")
            desk.put(staff=keys[username], role="proctor", session=str(session))
            desk.save()
        desk.step(f"{path}/split-proctors/", look="split-proctors")
        desk.look("rooms-staffed")

    def make_tickets(self, desk: Desk, session: int, rows: list[list[str]]) -> None:
        """The worker makes them; a file is a real PDF that names its candidate."""
        desk.open(f"/admin/candidates/ticketbatch/add/?session={session}")
        desk.look("tickets-ask")
        desk.send(".k-confirm [type=submit]")
        path = desk.page.url.removeprefix(desk.base).removesuffix("change/")
        desk.look("tickets-making")
        desk.page.locator("[data-job]").wait_for(state="detached", timeout=90_000)
        desk.look("tickets-rooms")
        desk.open(f"{path}change/?show=all")
        row = desk.page.locator("tr", has_text=rows[0][0])
        address = row.locator('a[href*="/files/"]').get_attribute("href")
        words = text_in(desk.fetch(address).body())
        assert rows[0][0] in words
        assert rows[0][1] in words
        desk.look("tickets-all")
        desk.open(f"{path}print/")
        assert rows[0][0] in desk.page.locator("body").inner_text()
        desk.look("tickets-print")
        desk.step(f"{path}publish/", look="tickets-publish")

    def invite(self, desk: Desk, project: int, session: int, rows) -> None:
        """A template, a permission, a draft seen as one of them gets it, the sending."""
        desk.open("/admin/candidates/mailtemplate/add/")
        desk.put(project=str(project), title="邀请", language="zh-hans")
        desk.put(subject="{project}：面试邀请", body=LETTER.replace("{name}", "{nmae}"))
        desk.save_refused("body")
        desk.look("template-refused")
        desk.put(body=LETTER)
        template = desk.save()
        chosen = {"session": str(session), "template": str(template)}
        self._draft(desk, **chosen)
        assert desk.errors()
        desk.look("letter-refused")
        desk.open("/admin/candidates/mailpermit/add/")
        desk.put(session=str(session), allowed=True)
        desk.save()
        desk.look("permit")
        self._draft(desk, **chosen)
        desk.says("您好：请于08:30 – 09:00登录http://", f"1 / {PEOPLE}")
        desk.look("letter-draft")
        path = desk.page.url.removeprefix(desk.base).removesuffix("change/")
        desk.step(f"{path}send/", look="letter-send")
        desk.look("letter-sending")
        desk.page.locator("[data-job]").wait_for(state="detached", timeout=90_000)
        desk.look("letter-sent")
        letters = "".join(
            file.read_text("utf-8") for file in (self.folder / "mail").iterdir()
        )
        assert letters.count("\nTo: ") == PEOPLE
        assert f"\nTo: {rows[-1][4]}\n" in letters
        desk.open(f"/admin/candidates/mailing/untested/{session}/")
        desk.says(str(PEOPLE))
        desk.look("never-tested")

    def _draft(self, desk: Desk, **chosen: str) -> None:
        desk.open("/admin/candidates/mailing/add/")
        desk.put(**chosen, audience="everybody")
        desk.send(".k-confirm [type=submit]")

    def read_boards(self, desk: Desk, session: int, rows: list[list[str]]) -> None:
        """Who is ready: filtered, with numbers to call, taken away as a file."""
        desk.open(f"/admin/readiness/{session}/")
        desk.look("readiness")
        desk.send('.k-queue[href="?problem=no_photo"]')
        desk.says(str(PEOPLE - 3))
        assert rows[0][0] not in desk.page.locator("#content table").inner_text()
        desk.send(".k-ready__tools form:not(.k-export) button")
        assert rows[3][3] in desk.page.locator("#content table").inner_text()
        desk.look("readiness-numbers")
        listed = rows_of(desk.export("xlsx"))
        assert [row[0] for row in listed[1:]] == [row[0] for row in rows[3:]]

    def read_audit(self, desk: Desk) -> None:
        """All of it is written down, and the chains hold."""
        desk.open("/admin/exams/auditentry/")
        assert desk.page.locator("#result_list tbody tr").count() > 20
        desk.look("audit")
        desk.open("/admin/exams/auditentry/check/")
        for number in range(desk.page.locator("form [name=chain]").count()):
            with desk.page.expect_navigation():
                desk.page.locator("form [name=chain]").nth(number).click()
        table = desk.page.locator("#content table")
        assert table.locator('[data-tone="bad"]').count() == 0
        assert table.locator('[data-tone="ok"]').count() >= 2
        desk.look("audit-checked")
