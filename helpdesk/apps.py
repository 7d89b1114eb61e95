from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HelpdeskConfig(AppConfig):
    name = "helpdesk"
    verbose_name = _("Helpdesk")
    default_auto_field = "django.db.models.BigAutoField"
    # Called by `manage.py sweep` in each round.
    sweeps = {"announcements": "helpdesk.domain.announcements.sweep_announcements"}
