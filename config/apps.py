from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register

from config import checks


class PortalConfig(AppConfig):
    """The composition root; it has no models and nobody imports it."""

    name = "config"
    # Called by `manage.py sweep` in each round.
    sweeps = {"deletions": "config.pages.retention_job.wake_left"}

    def ready(self) -> None:
        register(checks.boot, deploy=False)


class PortalAdminConfig(AdminConfig):
    """Django's admin with our own site: sections in the order of the flow."""

    default_site = "config.admin_site.PortalAdminSite"
