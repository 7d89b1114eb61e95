"""The settings of a session in the order in which an administrator thinks of them."""

from django.utils.translation import gettext_lazy as _

FIELDSETS = [
    (
        None,
        {
            "fields": [
                "project",
                "title",
                ("kind", "shown_code"),
                ("shown_state", "shown_frozen"),
                "windows",
            ]
        },
    ),
    (
        _("Windows"),
        {
            "fields": [
                "time_zone",
                "starts_at",
                "starts_at_reading",
                ("login_open_before", "login_close_after_start"),
                ("entry_open_before", "entry_close_after_start"),
                ("draw_close_before", "auto_assign"),
                ("preparation", "answer"),
            ]
        },
    ),
    (
        _("Mock test"),
        {
            "description": _(
                "Only for a session of the kind “Mock”. Every candidate of the "
                "project may start one between “starts at” and the end given "
                "here. A mock test has no roster, draw, scores or results."
            ),
            "fields": [
                "mock_closes_at",
                "mock_closes_at_reading",
                ("mock_per_day", "mock_lead"),
            ],
        },
    ),
    (
        _("Passage and paper"),
        {"fields": ["stages", "paper", "per_question_timers"]},
    ),
    (
        _("Rules for candidates"),
        {
            "fields": [
                "mock_required",
                "identity_methods",
                "allowed_platforms",
                ("single_display", "headphones"),
                ("focus_loss", "focus_limit"),
                "reconnect_grace",
                "room_pan_required",
            ]
        },
    ),
    (
        _("After the end"),
        {
            "fields": [
                ("evidence_confirm_within", "failure_report_within"),
                "upload_cap",
                "upload_lock_home",
                "keep_until_release",
                "slice_ms",
            ]
        },
    ),
    (
        _("Results"),
        {
            "fields": [
                ("trim", "decimals"),
                "group_correction",
                "defence_window",
                "recheck_window",
            ]
        },
    ),
]
