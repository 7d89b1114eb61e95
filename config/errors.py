"""Errors at the edge: RFC 9457 problem details for the API, pages for people."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

from exams.kernel.errors import Refusal

logger = logging.getLogger(__name__)


def problem(refusal: Refusal) -> dict:
    """Return the problem-details body of a refusal."""
    return {
        "type": f"/problems/{refusal.code}",
        "title": str(refusal),
        "status": refusal.status,
        "code": refusal.code,
        "facts": {name: str(value) for name, value in refusal.facts.items()},
    }


def problem_details(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler: every error has a stable `code`."""
    if isinstance(error, Refusal):
        return Response(
            problem(error),
            status=error.status,
            content_type="application/problem+json",
        )
    response = exception_handler(error, context)
    if response is not None and isinstance(error, APIException):
        response.data = {
            "type": f"/problems/{error.default_code}",
            "title": str(error.detail) if isinstance(error.detail, str) else "",
            "status": response.status_code,
            "code": error.default_code,
            "facts": {} if isinstance(error.detail, str) else error.detail,
        }
        response.content_type = "application/problem+json"
    return response


class RefusalPages:
    """Middleware: a refusal that reaches a page becomes a page, not a 500."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        return render(request, "error.html", {"refusal": error}, status=error.status)
