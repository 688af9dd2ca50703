"""Addresses of this site that work in a mail."""

from django.conf import settings


def absolute(url: str) -> str:
    """A path of this site as an address that works in a mail."""
    site: str = getattr(settings, "SITE_URL", "http://127.0.0.1:8000")
    if url.startswith(("http://", "https://")):
        return url
    return f"{site.rstrip('/')}/{url.lstrip('/')}"
