"""The admin of the bottom floor; Django's autodiscovery imports this package."""

from exams.admin import documents, papers, projects, records, sessions, staff

__all__ = ["documents", "papers", "projects", "records", "sessions", "staff"]
