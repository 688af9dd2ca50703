"""What is wrong with a row of the papers that a programme asks for."""

import re
from typing import Any

from django.utils.translation import gettext as _

from grants.paper_rules import (
    ANSWERS,
    PLAIN,
    TRACKED,
    Bringer,
    Needed,
    PaperStage,
    Validity,
)

#: The code becomes the kind of the document.
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_MONTHS = 120
CHOICES: dict[str, list[str]] = {
    "stage": PaperStage.values,
    "who": Bringer.values,
    "needed": Needed.values,
    "validity": Validity.values,
    "answer": ["", *ANSWERS],
}


def paper_errors(row: dict[str, Any]) -> dict[str, str]:
    """By column; the code's and the names' presence is checked elsewhere."""
    errors: dict[str, str] = {}
    if row.get("code") and not CODE.fullmatch(str(row["code"])):
        errors["code"] = _(
            "At most 40 small letters, digits and underscores, a letter first."
        )
    for column, choices in CHOICES.items():
        if row.get(column, PLAIN.get(column)) not in choices:
            errors[column] = _("Choose one of the answers.")
    answer = ANSWERS.get(row.get("answer") or "")
    if answer and answer.staged and row.get("stage") not in TRACKED:
        errors.setdefault("answer", _("This stage has none of these."))
    months = row.get("months") or 0
    if row.get("validity") == Validity.AGE:
        if not isinstance(months, int) or not 1 <= months <= MOST_MONTHS:
            errors["months"] = _("Enter a number from %(least)s to %(most)s.") % {
                "least": 1,
                "most": MOST_MONTHS,
            }
    elif row.get("validity", Validity.NONE) != Validity.NONE and answer:
        if not answer.kind:
            errors["validity"] = _("Only files run out.")
    return errors
