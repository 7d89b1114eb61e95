from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProctoringConfig(AppConfig):
    name = "proctoring"
    verbose_name = _("Proctoring")
    default_auto_field = "django.db.models.BigAutoField"
    # What `manage.py sweep` stores for this floor.
    sweeps = {
        "articles": "proctoring.domain.articles.sweep_catalogues",
        "incidents": "proctoring.domain.incidents.sweep_incidents",
        "cases": "proctoring.domain.cases.sweep_cases",
    }

    def ready(self) -> None:
        import_module("proctoring.receivers")
