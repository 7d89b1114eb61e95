"""The admin of the bottom floor; Django's autodiscovery imports this package."""

from exams.admin import audit, papers, projects, records, sessions, staff

__all__ = ["audit", "papers", "projects", "records", "sessions", "staff"]
