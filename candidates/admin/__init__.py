"""The admin of the candidates' floor; Django's autodiscovery imports this package."""

from candidates.admin import (
    companions,
    conflicts,
    evidence,
    latecomers,
    mail,
    people,
    roster_photos,
    rosters,
    tickets,
)

__all__ = [
    "companions",
    "conflicts",
    "evidence",
    "latecomers",
    "mail",
    "people",
    "roster_photos",
    "rosters",
    "tickets",
]
