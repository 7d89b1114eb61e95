"""What the JSON of every floor shares: fresh replies, and bodies that are objects."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exams.kernel.errors import BadInput


class FreshView(APIView):
    """Replies are the asker's own and of this moment: no cache keeps them."""

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


def json_object(request: Request) -> dict:
    """Return the JSON object that was sent; raises `BadInput` for anything else."""
    if not isinstance(request.data, dict):
        raise BadInput(reason="JSON")
    return request.data
