"""The admin of the bottom floor; Django's autodiscovery imports this package."""

from exams.admin import papers, projects, records, sessions, staff

__all__ = ["papers", "projects", "records", "sessions", "staff"]
