"""What an administrator does between an empty database and a session that is ready.

Set-up here; people, papers on the table and letters in `enrolment_story`.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from fpdf import FPDF

from tests.journeys.browser import staff_browser
from tests.journeys.desk import Desk
from tests.journeys.portal import Portal
from tests.journeys.story import VAR
from tests.journeys.two_documents import HOTLINE, Prescribed, Text, days_before

ADMINISTRATOR, PASSWORD = "kaowu-first", "A first passphrase, 2027"
# Lists, which are one template, and pages that ask for what is not there yet.
WITHOUT_ANYTHING = (
    *("exams/project", "candidates/candidate", "readiness", "jobs"),
    *("candidates/rosterimport/add", "candidates/ticketbatch/add"),
    *("candidates/mailing/add", "exams/auditentry/check"),
)


class Administration:
    """The first administrator, who reads English and Chinese."""

    def __init__(self, playwright, portal: Portal, folder: Path) -> None:
        browser = staff_browser(playwright)
        base = f"http://127.0.0.1:{portal.port}"
        read: set[str] = set()
        self.english = Desk(browser, base, language="en", read=read)
        self.chinese = Desk(browser, base, language="zh-hans", read=read)
        self.portal, self.folder = portal, folder

    @property
    def desks(self) -> tuple[Desk, Desk]:
        return self.english, self.chinese

    def file(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def see_nothing(self) -> None:
        """The first sign-in: every page says what is missing and what to do."""
        for desk in self.desks:
            desk.sign_in(ADMINISTRATOR, PASSWORD)
            desk.look("dashboard-empty")
        self.english.says("No session within seven days")
        self.chinese.says("七天之内没有场次")
        for number, path in enumerate(WITHOUT_ANYTHING):
            desk = self.desks[number % 2]
            desk.open(f"/admin/{path}/")
            assert desk.page.locator(".k-empty, .k-confirm, .k-table").count(), path
            desk.look(f"empty-{path.replace('/', '-')}")

    def make_project(self, desk: Desk, plan: Prescribed) -> int:
        """Address, hotline with its hours, access period, retention (R1, R8)."""
        desk.open("/admin/exams/project/add/")
        desk.put(title=plan.title, slug=plan.slug, rules=plan.rules, hotline=HOTLINE)
        desk.put(access_opens_at_0=days_before(0), access_opens_at_1="00:00")
        desk.put(access_closes_at_0=days_before(3), access_closes_at_1="23:59")
        desk.put(keep_camera_days="4000")
        desk.save_refused(
            *("access_opens_at", "access_closes_at"),
            *("keep_camera_days", "keep_logs_days"),
        )
        desk.look("project-refused")
        desk.put(access_opens_at_0=days_before(4), access_closes_at_0=days_before(0))
        desk.put(keep_camera_days="730", keep_id_check_days="60")
        desk.add_line(
            "support_hours",
            first_day=days_before(3),
            last_day=days_before(0),
            opens="09:00",
            closes=plan.closes,
        )
        project = desk.save()
        desk.look("project")
        return project

    def write_documents(self, desk: Desk, plan: Prescribed, project: int) -> None:
        """Text or file, looked at as candidates see it, then published (R51, R52)."""
        for text in plan.texts:
            desk.open(f"/admin/exams/document/add/?project={project}&kind={text.kind}")
            desk.put(title=text.title)
            if text is plan.texts[0]:
                desk.save_refused("body")
                desk.look("document-refused")
            desk.put(**self._words_of(text))
            path = f"/admin/exams/document/{desk.save()}"
            desk.open(f"{path}/preview/")
            desk.says(text.title)
            desk.look("document-preview" if text.body else "document-preview-file")
            desk.step(f"{path}/publish/", look="document-publish")
        desk.look("document-published")
        desk.open("/admin/exams/document/")
        desk.says(*(text.title for text in plan.texts))
        desk.look("documents")

    def _words_of(self, text: Text) -> dict[str, object]:
        if text.body:
            return {"body": text.body}
        page = FPDF()
        page.add_page()
        return {"upload": self.file("annex.pdf", bytes(page.output()))}

    def write_paper(self, desk: Desk, plan: Prescribed, project: int) -> int:
        """Two questions, two criteria; sealed, no page shows them again."""
        desk.open(f"/admin/exams/paper/add/?project={project}")
        desk.put(title=plan.paper)
        for number, text in enumerate(("谈谈你的理解。", "你会先做什么？"), start=1):
            desk.add_line("questions", number=number, seconds=600, text=text)
        for position, name in enumerate(("综合分析", "语言表达"), start=1):
            desk.add_line("criteria", position=position, max_mark=50, name=name)
        paper = desk.save()
        desk.look("paper")
        desk.step(f"/admin/exams/paper/{paper}/seal/", look="paper-seal")
        assert "你会先做什么" not in desk.page.content()
        desk.look("paper-sealed")
        return paper

    def make_session(
        self, desk: Desk, plan: Prescribed, project: int, *, paper: int, live: str
    ) -> int:
        """From the preset; a contradiction is refused beside both of its fields."""
        desk.open(f"/admin/exams/session/add/?preset={plan.preset}&kind=formal")
        desk.put(project=str(project), title=f"{plan.title} 上午场")
        desk.put(starts_at_0=days_before(0), starts_at_1="09:00", paper=str(paper))
        for name, capacity in plan.rooms:
            desk.add_line("rooms", name=name, capacity=capacity)
        sentences = desk.page.locator("[data-meaning-sentences]")
        sentences.get_by_text(live).wait_for()
        desk.put(entry_open_before="2400")
        desk.page.locator("[data-meaning-problems] li").first.wait_for()
        desk.look("session-contradiction")
        desk.save_refused("entry_open_before", "login_open_before")
        desk.look("session-refused")
        desk.put(entry_open_before="600")
        sentences.get_by_text(live).wait_for()
        session = desk.save()
        desk.look("session-draft")
        return session

    def offer_mock(self, desk: Desk, plan: Prescribed, project: int, paper: int) -> int:
        """From the 24th at ten to the 26th at five, once a day (R2, R3)."""
        desk.open(f"/admin/exams/session/add/?preset={plan.preset}&kind=mock")
        desk.put(project=str(project), title=f"{plan.title} 模拟测试")
        desk.put(starts_at_0=days_before(3), starts_at_1="10:00", paper=str(paper))
        desk.put(mock_closes_at_0=days_before(1), mock_closes_at_1="17:00")
        session = desk.save()
        desk.look("session-mock")
        path = f"/admin/exams/session/{session}"
        desk.step(f"{path}/publish/", look="mock-publish")
        return session

    def note_warnings(self, desk: Desk, session: int, *warnings: str) -> None:
        """Read what the two documents contradict, and take note of it (G1, G4)."""
        path = f"/admin/exams/session/{session}"
        desk.open(f"{path}/change/")
        desk.says(*warnings)
        desk.step(f"{path}/acknowledge/", look="warnings")
        assert desk.page.locator(".k-cautions").count() == 0
        assert desk.page.locator(".k-noted li").count() == len(warnings)

    def publish_and_freeze(self, desk: Desk, session: int) -> None:
        """A wrong code freezes nothing; afterwards the session is only looked at."""
        path = f"/admin/exams/session/{session}"
        desk.step(f"{path}/publish/", look="session-publish")
        desk.step_refused(f"{path}/freeze/", look="freeze-refused", code="WRONG")
        code = desk.page.locator(".k-confirm .k-codeword").first.inner_text()
        desk.step(f"{path}/freeze/", code=code)
        assert desk.page.locator("[name=_save]").count() == 0
        desk.look("session-frozen")


@contextlib.contextmanager
def administration_of(
    folder: Path, playwright, *, kind: type[Administration]
) -> Iterator[Administration]:
    """A portal with an empty database and its first administrator."""
    portal = Portal(
        folder / "data",
        EMAIL_URL=f"filemail://{folder / 'mail'}",
        MAIL_PER_MINUTE="100000",
        FACE_BACKEND="manual",
    )
    portal.found()
    portal.manage(
        *("createsuperuser", "--noinput", "--email", "first@example.org"),
        *("--username", ADMINISTRATOR),
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    portal.start()
    try:
        yield kind(playwright, portal, folder)
    finally:
        portal.stop()
        VAR.mkdir(exist_ok=True)
        shutil.copy(portal.folder / "serve.log", VAR / "administration-serve.log")
