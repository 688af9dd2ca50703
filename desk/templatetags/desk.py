"""Filters and tags of the pages: money, moments, words, fields of forms."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html

from attachments.scanning import withheld
from desk import documents, scans, wording
from grants.models import Status

register = template.Library()

MIDNIGHT = time(0)

register.filter("verb_label", wording.verb_label)
register.filter("action_label", wording.action_label)
register.filter("role_label", wording.role_label)
register.filter("group_label", wording.group_label)
register.filter("document_kind", wording.document_kind)
register.filter("audience", wording.audience_of)
register.filter("scan_words", scans.scan_words)
register.filter("withheld_from", withheld)
register.filter("has_preview", documents.has_preview)
register.filter("has_thumbnail_for", documents.has_thumbnail)
register.filter("thumbnail_words", documents.thumbnail_words)


@register.filter
def money(amount: Any) -> str:
    """CNY with thousands and two decimals: 14,139,460.00; "–" for none."""
    if amount in (None, ""):
        return "–"
    try:
        return f"{Decimal(str(amount)):,.2f}"
    except InvalidOperation:
        return str(amount)


@register.filter
def amount(value: Decimal, unit: str) -> str:
    """An amount in a list: yuan with two decimals, wan with as many as it needs."""
    if unit != "wan":
        return f"{value:,.2f}"
    whole, _point, rest = f"{value:,.6f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


@register.filter
def moment(value: datetime | None) -> str:
    """A moment in Asia/Shanghai, to the minute: 2021-06-01 09:30."""
    if not value:
        return "–"
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")


@register.filter
def exactly(value: datetime) -> str:
    """A moment as the page "as of" takes it: local, to the microsecond."""
    return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M:%S.%f")


@register.filter
def iso_moment(text: str) -> str:
    """The same of a moment that is kept as ISO 8601 text."""
    return moment(datetime.fromisoformat(text))


@register.filter
def deadline(value: datetime | None) -> str:
    """The end of a term, to the minute; midnight belongs to the day that it ends.

    A term that runs to the end of 30 June is kept as 1 July 00:00, which people
    read as a day more: 2021-06-30 24:00.
    """
    if value and timezone.localtime(value).time() == MIDNIGHT:
        return f"{day(value - timedelta(days=1))} 24:00"
    return moment(value)


@register.filter
def day(value: date | datetime | None) -> str:
    """A day, ISO: 2021-06-01."""
    if not value:
        return "–"
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return value.strftime("%Y-%m-%d")


@register.filter
def fact(value: Any) -> Any:
    """What a task is about: days and moments as everywhere, the rest as it is."""
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else value


@register.filter
def status_tag(status: str) -> str:
    """A case's status as a coloured word; the colour is its phase."""
    return format_html(
        '<span class="tag tag-{}">{}</span>',
        wording.phase_of(status),
        Status(status).label,
    )


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The page's query string with some keys changed (None removes one)."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = value
    return f"?{params.urlencode()}" if params else "?"
