"""The pages of a list of any length, and searches that an index answers."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

from exams.queries.counting import MOST_COUNTED, up_to_most

# From here on a page is found by its keys first.
DEEP = 1_000


class BoundedPaginator(Paginator):
    """Counts and turns no further than `MOST_COUNTED`; `is_cut` when there is more.

    What lies behind is reached by search, filters and the exported file.
    """

    @cached_property
    def count(self) -> int:
        return min(self._found, MOST_COUNTED)

    @property
    def is_cut(self) -> bool:
        return self._found > MOST_COUNTED

    def _get_page(self, rows, *args):
        """Join the other tables for the rows shown, not for all before them."""
        if rows.query.low_mark >= DEEP:
            keys = list(rows.values_list("pk", flat=True))
            rows = self.object_list.filter(pk__in=keys)
        return super()._get_page(rows, *args)

    @cached_property
    def _found(self) -> int:
        return up_to_most(self.object_list).count()


class CodeSearchMixin:
    """`search_fields` of an admin whose rows are found by the beginning of a code."""

    def get_search_results(self, request, queryset, search_term):
        # As codes are made; a search that ignores case would have no index.
        return super().get_search_results(request, queryset, search_term.lower())
