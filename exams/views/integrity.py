"""Public pages of proof: signing keys and draw transcripts, without personal data."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from exams.kernel import seals
from exams.models import Session
from exams.queries.draws import transcript


@require_safe
def signing_keys(request: HttpRequest) -> HttpResponse:
    """Return `{"keys": {key id: raw Ed25519 public key in base64}}`."""
    return _public({"keys": seals.public_keys()})


@require_safe
def draw_transcript(request: HttpRequest, code: str) -> HttpResponse:
    """Return the transcript of a session's draw; 404 before the freeze."""
    found = transcript(get_object_or_404(Session, code=code))
    if found is None:
        raise Http404
    return _public(found)


def _public(body: dict) -> JsonResponse:
    # Anybody's checker may read it from any page; nothing here depends on the asker.
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
    return JsonResponse(
        body, headers=headers, json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
