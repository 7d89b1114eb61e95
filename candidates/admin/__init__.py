"""The admin of the candidates' floor; Django's autodiscovery imports this package."""

from candidates.admin import evidence, people, rosters

__all__ = ["evidence", "people", "rosters"]
