"""The admin of the bottom floor; Django's autodiscovery imports this package."""

from exams.admin import (
    assignments,
    audit,
    documents,
    locks,
    papers,
    projects,
    records,
    sessions,
    staff,
    tokens,
)

__all__ = [
    "assignments",
    "audit",
    "documents",
    "locks",
    "papers",
    "projects",
    "records",
    "sessions",
    "staff",
    "tokens",
]
