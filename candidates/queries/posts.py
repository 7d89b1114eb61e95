"""Which posts there are, each found by one step down an index."""

from collections.abc import Sequence

from django.db import connection

from candidates.models import Candidate

MOST_POSTS = 300


def posts_of(projects: Sequence[int] | None) -> list[str]:
    """Return the posts of these projects' candidates in order; None means of all.

    One query. A `DISTINCT` would read every candidate for the few posts they share.
    """
    if projects is not None and not projects:
        return []
    names = ", ".join(["%s"] * len(projects or ()))
    within = f"AND project_id IN ({names})" if projects is not None else ""
    smallest = (
        f"SELECT MIN(post) FROM {Candidate._meta.db_table}"  # noqa: S608 - our own names
        f" WHERE post > '' {within}"
    )
    statement = (
        f"WITH RECURSIVE found(name) AS ({smallest} UNION ALL"  # noqa: S608 - the same
        f" SELECT ({smallest} AND post > found.name) FROM found"
        " WHERE found.name IS NOT NULL)"
        " SELECT name FROM found WHERE name IS NOT NULL LIMIT %s"
    )
    keys = list(projects or ())
    with connection.cursor() as cursor:
        cursor.execute(statement, [*keys, *keys, MOST_POSTS])
        return [name for (name,) in cursor.fetchall()]
