"""The description of the API: OpenAPI as JSON, and a page that people read.

Both are made here from the code, once per language, and load nothing from elsewhere.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from exams.api.systems import CodePages
from exams.enums import Scope

PREFIX = "api/v1/"


@dataclass(frozen=True)
class Field:
    name: str
    kind: str
    values: str


@dataclass(frozen=True)
class Operation:
    """One endpoint as the page shows it."""

    name: str
    path: str
    summary: str
    scope: str
    parameters: list[dict]
    fields: list[Field]


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """Serve the OpenAPI description."""
    return JsonResponse(_schema(translation.get_language()))


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the same as a page."""
    context = {
        "operations": _operations(_schema(translation.get_language())),
        "scopes": Scope.choices,
        "most": CodePages.max_page_size,
    }
    return render(request, "api/docs.html", context)


@lru_cache(maxsize=8)
def _schema(language: str) -> dict:
    # The list of endpoints imports this module's views, so it is asked for late.
    urls = import_module("candidates.api.urls_reading")
    patterns = [path(PREFIX, include((urls.endpoints, "reading"), "reading"))]
    with translation.override(language):
        found = SchemaGenerator(patterns=patterns).get_schema(public=True)
    # Docstrings are ours; who reads this gets the translated summaries.
    operations = [
        one for methods in found["paths"].values() for one in methods.values()
    ]
    rows = list(found["components"]["schemas"].values())
    fields = [one for row in rows for one in row.get("properties", {}).values()]
    for one in (*operations, *rows, *fields):
        one.pop("description", None)
    return found


def _operations(schema_: dict) -> list[Operation]:
    found = []
    for url, methods in schema_["paths"].items():
        operation = methods["get"]
        page = _named(schema_, _reply(operation))
        row = _named(schema_, page["properties"]["results"]["items"])
        found.append(
            Operation(
                name=operation["operationId"],
                path=url,
                summary=operation["summary"],
                scope=SCOPES[url.rsplit("/", 1)[1]],
                parameters=operation.get("parameters", []),
                fields=[_field(schema_, *one) for one in row["properties"].items()],
            )
        )
    return found


SCOPES = {
    "projects": Scope.PROJECTS,
    "sessions": Scope.SESSIONS,
    "attempts": Scope.STATES,
    "results": Scope.RESULTS,
}


def _reply(operation: dict) -> dict:
    return operation["responses"]["200"]["content"]["application/json"]["schema"]


def _named(schema_: dict, node: dict) -> dict:
    if "$ref" not in node:
        return node
    return schema_["components"]["schemas"][node["$ref"].rsplit("/", 1)[1]]


def _field(schema_: dict, name: str, node: dict) -> Field:
    choice = _named(schema_, node.get("allOf", [node])[0])
    kind = choice.get("format") or choice.get("type", "")
    if choice.get("nullable") or node.get("nullable"):
        kind += " | null"
    return Field(name, kind, ", ".join(choice.get("enum", [])))
