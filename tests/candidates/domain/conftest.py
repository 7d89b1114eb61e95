"""A mail server of the test's own."""

import pytest

from tests.builders.mail import Stubborn


@pytest.fixture
def mail_server(settings, monkeypatch):
    """Letters are configured and land in memory, or are answered by `Stubborn`."""
    settings.EMAIL_URL = "smtp://mail.example.org"
    settings.DEFAULT_FROM_EMAIL = "考务 <exam@example.org>"
    settings.EMAIL_BACKEND = "tests.builders.mail.Stubborn"
    monkeypatch.setattr(Stubborn, "down", False)
