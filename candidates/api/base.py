"""What every candidate endpoint shares: the lease, the instant, the state reply."""

from datetime import datetime

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from candidates.domain.leases import edge_token
from candidates.models import DeviceLease
from candidates.queries.standing import lease_by_digest
from candidates.queries.state import state_of
from exams.kernel.errors import BadInput


def state_reply(lease: DeviceLease, *, at: datetime) -> dict:
    """Return the whole state reply, read again from the database."""
    fresh = lease_by_digest(lease.token_digest) or lease
    return state_of(fresh, at=at) | {"edge_token": edge_token(fresh, at=at)}


def json_object(request: Request) -> dict:
    """Return the JSON object that was sent; raises `BadInput` for anything else."""
    if not isinstance(request.data, dict):
        raise BadInput(reason="JSON")
    return request.data


class CandidateView(APIView):
    """Replies are the asker's own and of this moment: no cache keeps them."""

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response
