"""Erasing personal values, lawfully and on record.

The digests stay in the lines, so the chain still verifies; the event of the
erasure says which of them can no longer be opened, by whom and why.
"""

from collections.abc import Iterable
from typing import Any

from .models import Disclosure
from .record import record

ERASE = "erase_personal_data"
CHUNK = 500


def erase_disclosures(
    digests: Iterable[str], *, by: Any, stream: str, reason_code: str, target: Any = ""
) -> int:
    """Delete the values behind these digests; return how many there were.

    Blank the live rows and the history rows in the same event: call this
    inside ``record`` where they are changed. ``reason_code`` names the rule
    (PIPL article 47), in clear.
    """
    every = sorted(set(digests))
    with record(
        ERASE,
        by=by,
        stream=stream,
        target=target,
        reason_code=reason_code,
        data={"digests": every},
    ):
        erased = 0
        for start in range(0, len(every), CHUNK):
            part = every[start : start + CHUNK]
            erased += Disclosure.objects.filter(digest__in=part).delete()[0]
    return erased
