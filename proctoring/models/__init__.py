"""The rows of the proctors' floor."""

from proctoring.models.article import Article
from proctoring.models.case import Case, CaseNotice, Proposal, Ruling, Statement
from proctoring.models.incident import Incident
from proctoring.models.watch import HelpWaiting, Watch

__all__ = [
    "Article",
    "Case",
    "CaseNotice",
    "HelpWaiting",
    "Incident",
    "Proposal",
    "Ruling",
    "Statement",
    "Watch",
]
