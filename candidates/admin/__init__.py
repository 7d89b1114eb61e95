"""The admin of the candidates' floor; Django's autodiscovery imports this package."""

from candidates.admin import (
    companions,
    conflicts,
    evidence,
    people,
    roster_photos,
    rosters,
)

__all__ = [
    "companions",
    "conflicts",
    "evidence",
    "people",
    "roster_photos",
    "rosters",
]
