"""What is due, as a calendar that a person's phone or mail program subscribes to.

The address holds a signature of the person and of their password's digest: who
has it reads the dates, nothing else, and changing the password ends it.
"""

import datetime as dt

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from desk.views.answers import refusals
from desk.wording import action_label
from grants.errors import NotVisible
from grants.models import Round
from grants.permissions import programmes_with
from organisations.models import User
from workflows.models import WorkItem
from workflows.selectors import inbox_for

#: Events of one feed, and days that past ones stay in it.
MOST, KEPT_DAYS = 500, 60


def signer(user: User) -> signing.Signer:
    return signing.Signer(salt=f"calendar:{user.password[-20:]}")


def feed_path(user: User) -> str:
    """The secret address of a person's calendar."""
    return reverse("desk:calendar", args=[signer(user).sign(str(user.pk))])


def reader_of(token: str) -> User:
    """Whose feed a token opens; NotVisible for a wrong or an old one."""
    key = token.partition(":")[0]
    user = None
    if key.isdecimal() and len(key) < 12:
        user = get_user_model().objects.filter(pk=int(key), is_active=True).first()
    if user is None:
        raise NotVisible()
    try:
        signer(user).unsign(token)
    except signing.BadSignature as wrong:
        raise NotVisible() from wrong
    return user


@login_not_required
@require_safe
@refusals
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """My open steps with a due date, and the dates of my rounds (RFC 5545)."""
    user = reader_of(token)
    with translation.override(user.language or "zh-hans"):
        feed = Calendar()
        feed.add("prodid", "-//Weigong//Weigong//ZH")
        feed.add("version", "2.0")
        feed.add("x-wr-calname", _("Weigong: what is due"))
        site = request.build_absolute_uri("/").rstrip("/")
        for item in inbox_for(user).filter(due_at__isnull=False)[:MOST]:
            feed.add_component(item_event(item, site))
        since = now() - dt.timedelta(days=KEPT_DAYS)
        rounds = Round.objects.filter(
            programme__in=programmes_with(user, "view_cases"), ends_at__gte=since
        )
        for round_ in rounds.order_by("pk")[:50]:
            for name, label in ROUND_DATES.items():
                feed.add_component(round_event(round_, name, str(label()), site))
        content = feed.to_ical()
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")


ROUND_DATES = {
    "opens_at": lambda: _("Call opens"),
    "closes_at": lambda: _("Call closes"),
    "review_ends_at": lambda: _("Review ends"),
}


def item_event(item: WorkItem, site: str) -> Event:
    """One open step at its due moment."""
    code = item.case.code if item.case else item.round.code
    title = item.case.title if item.case else str(item.round)
    return event(
        uid=f"item-{item.pk}@weigong",
        at=item.due_at or now(),
        summary=f"{action_label(item.action)} · {code} {title}",
        url=site + reverse("desk:work-item", args=[item.pk]),
    )


def round_event(round_: Round, name: str, label: str, site: str) -> Event:
    """One date of a round."""
    return event(
        uid=f"round-{round_.pk}-{name}@weigong",
        at=getattr(round_, name),
        summary=f"{label} · {round_}",
        url=site + reverse("desk:round-detail", args=[round_.code]),
    )


def event(*, uid: str, at: dt.datetime, summary: str, url: str) -> Event:
    made = Event()
    made.add("uid", uid)
    made.add("dtstamp", now())
    made.add("dtstart", localtime(at))
    made.add("duration", dt.timedelta(minutes=30))
    made.add("summary", summary)
    made.add("url", url)
    return made
