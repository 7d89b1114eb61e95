"""What every reply must carry, and whether a reply is a yes or a no."""

from urllib.parse import urlsplit

from django.http import HttpResponse

DENIALS = {401, 403, 404}
# Where those are sent who may not, without being told more.
DOORS = (
    "/staff/sign-in/",
    "/admin/login/",
    "/admin/",
    "/p/here/",
    "/p/there/",
    "/phone/",
)
HEADERS = {
    "X-Content-Type-Options": {"nosniff"},
    "X-Frame-Options": {"DENY"},
    "Referrer-Policy": {"same-origin", "no-referrer"},
}


def is_denial(response: HttpResponse) -> bool:
    if response.status_code in DENIALS:
        return True
    target = urlsplit(response.headers.get("Location", "")).path
    return response.status_code == 302 and target in DOORS


def missing_headers(headers: dict[str, str]) -> list[str]:
    """Return what is missing or too weak of the guarding headers."""
    named = {name.lower(): value for name, value in headers.items()}
    found = [
        name
        for name, allowed in HEADERS.items()
        if named.get(name.lower()) not in allowed
    ]
    policy = named.get("content-security-policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy:
        found.append("Content-Security-Policy")
    if "frame-ancestors 'none'" not in policy:
        found.append("frame-ancestors")
    permissions = named.get("permissions-policy", "")
    if "camera=" not in permissions or "*" in permissions:
        found.append("Permissions-Policy")
    return found
