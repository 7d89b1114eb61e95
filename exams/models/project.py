"""Projects, their sessions and rooms."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from exams.enums import (
    DisplayPolicy,
    FocusPolicy,
    GroupCorrection,
    HeadphonePolicy,
    IdentityMethod,
    Platform,
    SessionKind,
    SessionState,
    Stage,
)
from exams.kernel.tokens import random_code

DAY_SECONDS = 86_400


def session_code() -> str:
    return random_code(10)


def default_stages() -> list[str]:
    """Return the stage list of preset A without its phone (R40, R51)."""
    return [stage for stage in preset_a() if stage != Stage.COMPANION]


def every_method() -> list[str]:
    """Return all ways to be recognised: the face is never the only one."""
    return [str(method) for method in IdentityMethod]


def every_platform() -> list[str]:
    """Return all kinds of computers (R25 is lifted: a browser decides)."""
    return [str(platform) for platform in Platform]


def preset_a() -> list[str]:
    """Return the stages of the document with attachments (R40, R44, R51)."""
    return _stages(Stage.ATTACHMENTS)


def preset_b() -> list[str]:
    """Return the stages of the document with a commitment letter (R40, R44, R52)."""
    return _stages(Stage.COMMITMENT, Stage.NOTICE)


def _stages(*readings: str) -> list[str]:
    before = (Stage.DEVICES, Stage.CHECK_IN, Stage.FLOW, Stage.COMPANION, Stage.DRAW)
    after = (*Stage.AFTER_ENTER, Stage.ANSWER, Stage.UPLOAD)
    return [Stage(stage) for stage in (*before, *readings, Stage.ENTER, *after)]


def keep_days(label: object, default: int) -> models.PositiveIntegerField:
    """Return the column of one retention class: days after the results, 1 to 36500."""
    bounds = [MinValueValidator(1), MaxValueValidator(36_500)]
    return models.PositiveIntegerField(label, default=default, validators=bounds)


class Project(models.Model):
    """One recruitment or examination, with its hotline and its documents."""

    slug = models.SlugField(_("address"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    hotline = models.CharField(_("hotline"), max_length=60, blank=True)
    hotline_hours = models.CharField(_("hotline hours"), max_length=120, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    access_opens_at = models.DateTimeField(_("access opens"))
    access_closes_at = models.DateTimeField(_("access closes"))
    rules = models.TextField(_("rules in short"), blank=True)
    keep_camera_days = keep_days(_("keep camera recordings (days)"), 365)
    keep_screen_days = keep_days(_("keep screen recordings (days)"), 365)
    keep_phone_days = keep_days(_("keep phone recordings (days)"), 365)
    keep_id_check_days = keep_days(_("keep identity photos (days)"), 90)
    keep_chat_days = keep_days(_("keep help conversations (days)"), 365)
    keep_logs_days = keep_days(_("keep logs and observations (days)"), 1825)

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.CheckConstraint(
                name="project_access_period_runs_forward",
                condition=models.Q(access_opens_at__lt=models.F("access_closes_at")),
            )
        ]

    def __str__(self) -> str:
        return self.title


class SupportHours(models.Model):
    """When somebody answers the hotline: the same hours on every day of a span (R8)."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="support_hours"
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("support hours")
        verbose_name_plural = _("support hours")
        ordering = ["first_day", "opens"]
        constraints = [
            models.CheckConstraint(
                name="support_hours_run_forward",
                condition=models.Q(
                    first_day__lte=models.F("last_day"), opens__lt=models.F("closes")
                ),
                violation_error_message=_(
                    "The last day comes after the first, and the end after the "
                    "beginning."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"


class Session(models.Model):
    """One sitting: its start, its windows (in seconds), its stages, its paper.

    A mock session has no common start: `starts_at` to `mock_closes_at` is the window in
    which candidates press "Start a mock test" (R2), `mock_per_day` how often (R3).
    """

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="sessions"
    )
    code = models.CharField(
        max_length=16, unique=True, default=session_code, editable=False
    )
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(
        _("kind"), max_length=8, choices=SessionKind.choices, default=SessionKind.FORMAL
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=SessionState.choices,
        default=SessionState.DRAFT,
        editable=False,
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    starts_at = models.DateTimeField(_("starts at"))
    mock_closes_at = models.DateTimeField(
        _("mock test may be taken until"), null=True, blank=True
    )
    mock_per_day = models.PositiveSmallIntegerField(
        _("mock tests per candidate and day"),
        default=1,
        validators=[MinValueValidator(1)],
    )
    mock_lead = models.PositiveIntegerField(
        _("mock test starts after the press (s)"),
        default=300,
        validators=[MinValueValidator(60)],
    )
    login_open_before = models.PositiveIntegerField(
        _("sign-in opens before start (s)"), default=1800
    )
    entry_open_before = models.PositiveIntegerField(
        _("Enter opens before start (s)"), default=600
    )
    login_close_after_start = models.PositiveIntegerField(
        _("sign-in closes after start (s)"), default=0
    )
    entry_close_after_start = models.PositiveIntegerField(
        _("first entry closes after start (s)"), default=0
    )
    draw_close_before = models.PositiveIntegerField(
        _("draw closes before start (s)"), default=600
    )
    auto_assign = models.BooleanField(
        _("numbers are dealt to whoever did not draw"), default=True
    )
    preparation = models.PositiveIntegerField(_("preparation (s)"), default=0)
    answer = models.PositiveIntegerField(
        _("answer time (s)"), default=1200, validators=[MinValueValidator(1)]
    )
    evidence_confirm_within = models.PositiveIntegerField(
        _("evidence confirmed within (s)"), default=3600
    )
    failure_report_within = models.PositiveIntegerField(
        _("failure reported within (s)"), default=1800
    )
    upload_cap = models.PositiveIntegerField(
        _("upload hard cap after the end (s)"), default=7 * DAY_SECONDS
    )
    keep_until_release = models.BooleanField(
        _("browsers keep recordings until the results"),
        default=False,
        help_text=_(
            "Otherwise a browser forgets its copy as soon as the server has "
            "verified it."
        ),
    )
    upload_lock_home = models.BooleanField(
        _("the upload page is left only when everything has arrived"), default=True
    )
    slice_ms = models.PositiveIntegerField(
        _("recorder slice (ms)"),
        default=1000,
        validators=[MinValueValidator(250), MaxValueValidator(5000)],
    )
    stages = models.JSONField(_("stages"), default=default_stages)
    mock_required = models.BooleanField(_("a mock test is required"), default=False)
    per_question_timers = models.BooleanField(
        _("each question has its own time"), default=False
    )
    single_display = models.CharField(
        _("displays"),
        max_length=8,
        choices=DisplayPolicy.choices,
        default=DisplayPolicy.REQUIRE,
    )
    headphones = models.CharField(
        _("headphones"),
        max_length=8,
        choices=HeadphonePolicy.choices,
        default=HeadphonePolicy.FORBID,
    )
    focus_loss = models.CharField(
        _("leaving the exam page"),
        max_length=8,
        choices=FocusPolicy.choices,
        default=FocusPolicy.LOG,
    )
    focus_limit = models.PositiveSmallIntegerField(
        _("times the page may be left"), null=True, blank=True
    )
    identity_methods = models.JSONField(
        _("ways to be recognised"), default=every_method
    )
    allowed_platforms = models.JSONField(_("allowed computers"), default=every_platform)
    reconnect_grace = models.PositiveIntegerField(
        _("a computer may be silent for (s)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(30)],
    )
    room_pan_required = models.BooleanField(
        _("the phone shows the room first"), default=True
    )
    defence_window = models.PositiveIntegerField(
        _("time to state one's case (s)"), default=DAY_SECONDS
    )
    recheck_window = models.PositiveIntegerField(
        _("time to ask for a re-check (s)"), default=3 * DAY_SECONDS
    )
    trim = models.PositiveSmallIntegerField(
        _("highest and lowest marks dropped"), default=0
    )
    decimals = models.PositiveSmallIntegerField(
        _("decimals of the result"), default=2, validators=[MaxValueValidator(4)]
    )
    group_correction = models.CharField(
        _("balance between rooms"),
        max_length=12,
        choices=GroupCorrection.choices,
        default=GroupCorrection.NONE,
    )
    paper = models.ForeignKey(
        "exams.Paper",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sessions",
        verbose_name=_("paper"),
    )
    frozen_at = models.DateTimeField(_("frozen at"), null=True, editable=False)
    origin = models.CharField(max_length=10, default="real", editable=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(
                name="session_entry_opens_after_login",
                condition=models.Q(
                    entry_open_before__lte=models.F("login_open_before")
                ),
            ),
            models.CheckConstraint(
                name="session_entry_closes_before_end",
                condition=models.Q(
                    entry_close_after_start__lt=models.F("preparation")
                    + models.F("answer")
                ),
            ),
            models.CheckConstraint(
                name="session_draw_closes_after_login_opens",
                condition=models.Q(
                    draw_close_before__lte=models.F("login_open_before")
                ),
            ),
            models.CheckConstraint(
                name="session_mock_window_runs_forward",
                condition=models.Q(kind=SessionKind.FORMAL)
                | models.Q(
                    mock_closes_at__isnull=False,
                    mock_closes_at__gt=models.F("starts_at"),
                ),
                violation_error_message=_(
                    "A mock test needs an end of its window, after its beginning."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Room(models.Model):
    """A group of candidates in a session."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(_("name"), max_length=60)
    capacity = models.PositiveIntegerField(_("capacity"), default=30)
    # Drawn for this room; else the session's paper is asked.
    paper = models.ForeignKey(
        "exams.Paper",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="rooms",
        verbose_name=_("paper"),
    )

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.UniqueConstraint(
                name="room_name_once_per_session", fields=["session", "name"]
            )
        ]

    def __str__(self) -> str:
        return self.name
