"""What every endpoint for other systems shares: token, scope, rate, pages."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from exams.api.base import FreshView
from exams.domain.api_tokens import TokenRefused, use_token
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.models import ApiToken, Project


class ScopeMissing(Refusal):
    """The token is valid and does not reach this."""

    code = "scope_missing"
    status = 403
    message = _("This token may not read this: it lacks the scope “%(scope)s”.")


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer kaowu_…`; `request.auth` is the token's row."""

    def authenticate(self, request: Request) -> tuple[ApiToken, ApiToken]:
        kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise TokenRefused
        token = use_token(secret.strip(), at=clock.now())
        return token, token


class BearerScheme(OpenApiAuthenticationExtension):
    """How the description of the API names the token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict:
        return {"type": "http", "scheme": "bearer"}


class HasScope(BasePermission):
    """The view's `scope` is one of the token's."""

    def has_permission(self, request: Request, view: "ReadingView") -> bool:
        if view.scope not in request.auth.scopes:
            raise ScopeMissing(scope=view.scope)
        return True


class TokenThrottle(SimpleRateThrottle):
    """So many requests a minute per token; the reply says when to come again."""

    scope = "api-token"

    def get_cache_key(self, request: Request, view: object) -> str:
        return f"throttle-api-token-{request.auth.pk}"


class CodePages(CursorPagination):
    """Pages by a cursor over random codes: no count, no offset, no integer key."""

    page_size = 100
    max_page_size = 500
    page_size_query_param = "limit"
    ordering = "code"
    cursor_query_description = _("Where the page begins; taken from `next`.")
    page_size_query_description = _("Rows of a page, 1 to 500; 100 unless told.")


class ReadingView(FreshView, ListAPIView):
    """A list of one project's rows."""

    authentication_classes: ClassVar[list] = [TokenAuthentication]
    permission_classes: ClassVar[list] = [HasScope]
    throttle_classes: ClassVar[list] = [TokenThrottle]
    pagination_class = CodePages
    http_method_names: ClassVar[list] = ["get", "head", "options"]
    metadata_class = None
    scope = ""

    @property
    def project(self) -> Project:
        """The one project that the token reads."""
        return self.request.auth.project

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code == TokenRefused.status:
            response["WWW-Authenticate"] = 'Bearer realm="Kaowu"'
        return response
