"""A deliberate leak, to prove that the crawl would find one."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class OneHeader:
    """Middleware that puts `settings.PLANTED` into one header of one page."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith("/examiner/sheets/"):
            response["Server-Timing"] = f"app;desc={settings.PLANTED}"
        return response
