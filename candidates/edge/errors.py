"""What the edge refuses by itself, before any domain code."""

from django.utils.translation import gettext_lazy as _

from exams.kernel.errors import Refusal


class BadHeader(Refusal):
    """A header of the protocol is missing or malformed; `header` names it."""

    code = "bad_header"
    status = 422
    message = _("A header is missing or malformed: %(header)s")


class LengthRequired(Refusal):
    code = "length_required"
    status = 411
    message = _("The length of the body is missing.")


class LengthMismatch(Refusal):
    """The body is empty or not as long as announced; nothing was stored."""

    code = "length_mismatch"
    status = 422
    message = _("The body is not as long as announced.")


class TooLarge(Refusal):
    code = "too_large"
    status = 413
    message = _("The body is larger than allowed.")


class CompressedBody(Refusal):
    code = "content_encoding"
    status = 415
    message = _("Compressed bodies are not accepted.")


class DigestMismatch(Refusal):
    """The bytes were changed on the way; nothing was stored."""

    code = "digest_mismatch"
    status = 422
    message = _("The bytes are not those that were announced.")


class TooSlow(Refusal):
    code = "too_slow"
    status = 408
    message = _("The body did not arrive in time.")


class MethodNotAllowed(Refusal):
    code = "method_not_allowed"
    status = 405
    message = _("This method is not possible here.")


class StoreFailed(Refusal):
    """Nothing was acknowledged; the same request may be sent again."""

    code = "store_failed"
    status = 503
    message = _("The recording store does not answer. It will be tried again.")


class NotEntered(Refusal):
    """The paper is for those who entered."""

    code = "not_entered"
    status = 403
    message = _("Enter the exam first.")
