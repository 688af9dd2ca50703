"""A day that somebody asks about: of this era, so that what is computed of it is."""

import datetime as dt
from typing import Any

from django import forms

#: Years before and after these are slips of the hand.
EARLIEST, LATEST = 1900, 2999


class DayField(forms.DateField):
    """A day from 1900 to 2999; any other is refused like one that does not exist."""

    def clean(self, value: Any) -> dt.date | None:
        day: dt.date | None = super().clean(value)
        if day is not None and not EARLIEST <= day.year <= LATEST:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day
