"""Fields that the forms of the running half of the road share."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from grants.calendar import today

LONG = 4000


def this_day() -> dt.date:
    """Today in Shanghai."""
    return today(now())


class DayField(forms.DateField):
    """A day that has come, today unless it is said otherwise."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("initial", this_day)
        kwargs.setdefault(
            "widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> dt.date | None:
        day = super().clean(value)
        if day is not None and day > this_day():
            raise forms.ValidationError(_("This day has not come yet."), "future")
        return day


class MoneyField(forms.DecimalField):
    """Yuan with two places, never negative."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("In yuan, for example 12500.00."))
        super().__init__(
            max_digits=14, decimal_places=2, min_value=Decimal("0.00"), **kwargs
        )


class LongTextField(forms.CharField):
    """Several lines of text."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONG)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 5}))
        super().__init__(**kwargs)


class OutcomeField(forms.ChoiceField):
    """One of several endings, as buttons to choose from."""

    def __init__(self, outcomes: type[TextChoices], **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Outcome"))
        super().__init__(choices=outcomes.choices, widget=forms.RadioSelect, **kwargs)


def number_field(label: Any, help_text: Any = "", **kwargs: Any) -> forms.CharField:
    """The number of a paper, up to 60 characters."""
    kwargs.setdefault("max_length", 60)
    return forms.CharField(label=label, help_text=help_text, **kwargs)


def money(amount: Decimal | None) -> str:
    """An amount as an example body writes it."""
    return f"{amount or 0:.2f}"
