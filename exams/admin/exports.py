"""Every list as a file: the rows that the list would show, all pages of them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from itertools import islice

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exams.kernel.errors import BadInput, NotAllowed
from exams.kernel.spreadsheets import MOST_ROWS, Cell, TooManyRows
from exams.views.downloads import ROWS_AT_ONCE, export

# What only says how a list is looked at.
NO_FILTERS = ("p", "o", "e", "all", "_facets")


class ExportMixin:
    """A ModelAdmin whose list can be taken away, filters and rights kept."""

    # Filters whose values may name a person: only a keyed digest is audited.
    private_filters: tuple[str, ...] = ("q",)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name=name), *super().get_urls()]

    def get_export_columns(self, request: HttpRequest) -> Sequence[str]:
        """Return the names of what is exported, which is what the list shows."""
        return self.get_list_display(request)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise NotAllowed
        filters = filters_of(request)
        request.GET = request.GET.copy()
        for name in {*request.GET} - {*filters, "o"}:
            del request.GET[name]
        try:
            found = self.get_changelist_instance(request)
        except IncorrectLookupParameters as error:
            raise BadInput(reason=_("this filter is not known")) from error
        if _is_above_the_cap(found):
            raise TooManyRows(most=MOST_ROWS)
        names = self.get_export_columns(request)
        return export(
            request,
            f"{self.opts.app_label}_{self.opts.model_name}",
            columns=[str(label_for_field(name, self.model, self)) for name in names],
            rows=self._table(names, found.queryset),
            filters=filters,
            private=self.private_filters,
        )

    def prepare(self, rows: list) -> list:
        """Give rows that are about to be shown what one query fetches for all."""
        return rows

    def _table(self, names: Sequence[str], found: QuerySet) -> Iterator[list[Cell]]:
        rows = found.iterator(chunk_size=ROWS_AT_ONCE)
        while chunk := list(islice(rows, ROWS_AT_ONCE)):
            for row in self.prepare(chunk):
                yield [self._cell(name, row) for name in names]

    def _cell(self, name: str, row: object) -> Cell:
        field, _attribute, value = lookup_field(name, row, self)
        if field is not None and getattr(field, "flatchoices", None):
            value = dict(field.flatchoices).get(value, value)
        return plain(value)


def _is_above_the_cap(found: ChangeList) -> bool:
    if not found.paginator.is_cut:
        return found.result_count > MOST_ROWS
    return found.queryset.order_by()[: MOST_ROWS + 1].count() > MOST_ROWS


def filters_of(request: HttpRequest) -> dict[str, str]:
    """Return the filters in an address, without what only orders or turns pages."""
    return {
        name: value
        for name, value in request.GET.items()
        if name not in NO_FILTERS and value
    }


def plain(value: object) -> Cell:
    """Return what a cell says, without markup: a number stays a number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int | Decimal):
        return value
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "Y-m-d H:i:s")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if isinstance(value, SafeString):
        text = unescape(strip_tags(text))
    return text
