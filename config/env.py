"""Reads the environment; every parser refuses nonsense with a clear sentence."""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 587, "smtp+ssl": 465}
FALSE = {"", "0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    message = f"{name} must be 1 or 0, not {value!r}"
    raise ImproperlyConfigured(message)


def whole(name: str, *, default: int, low: int = 0, high: int = 2**31) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        message = f"{name} must be a whole number from {low} to {high}, not {value!r}"
        raise ImproperlyConfigured(message)
    return int(value)


def ratio(name: str, *, default: float, low: float, high: float) -> float:
    value = text(name, str(default))
    try:
        number = float(value)
    except ValueError:
        number = high + 1
    if not low <= number <= high:
        message = f"{name} must be a number from {low} to {high}, not {value!r}"
        raise ImproperlyConfigured(message)
    return number


def names(name: str, default: str) -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).resolve()


def mail(name: str) -> dict[str, object]:
    """Return Django's mail settings from one address; without it, mail is off.

    `smtp://`, `smtp+tls://` (STARTTLS) or `smtp+ssl://` with `user:password@host:port`,
    `consolemail://`, or `filemail:///folder`.
    """
    url = text(name)
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        found = environ.Env.email_url_config(url)
    except (ImproperlyConfigured, ValueError) as problem:
        message = f"{name} must be like smtp+tls://user:password@host:587"
        raise ImproperlyConfigured(message) from problem
    scheme = url.split(":", 1)[0]
    if scheme in MAIL_PORTS and not found["EMAIL_HOST"]:
        message = f"{name} names no host"
        raise ImproperlyConfigured(message)
    found.pop("OPTIONS", None)
    found["EMAIL_PORT"] = found["EMAIL_PORT"] or MAIL_PORTS.get(scheme, 25)
    if scheme == "filemail":
        found["EMAIL_FILE_PATH"] = f"/{str(found['EMAIL_FILE_PATH']).lstrip('/')}"
    return found
