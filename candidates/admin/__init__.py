"""The admin of the candidates' floor; Django's autodiscovery imports this package."""

from candidates.admin import companions, evidence, mail, people, rosters, tickets

__all__ = ["companions", "evidence", "mail", "people", "rosters", "tickets"]
