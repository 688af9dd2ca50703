"""Check codes: which data a printed and sealed application form stands for.

The digest is over the values by their names, never over labels or layout, so
that a form printed years ago is still recognised.
"""

import base64
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import models
from django.utils.timezone import now

from grants.models import Case, SubmittedForm
from organisations.models import User

#: Base 32 without I, L, O and U (Crockford), which are misread.
PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
READABLE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP, GROUPS = 4, 3


def keep_submitted_form(
    case: Case, *, by: User, values: dict[str, Any]
) -> SubmittedForm:
    """Note what was handed in; a helper inside the event that hands it in."""
    digest = digest_of(case, values)
    return SubmittedForm.objects.create(
        case=case,
        number=case.submitted_forms.count() + 1,
        code=code_of_digest(digest),
        digest=digest,
        submitted_by=by,
        submitted_at=now(),
    )


def digest_of(case: Case, values: dict[str, Any]) -> str:
    """SHA-256 of an application: its number, its organisation and its values."""
    organisation = case.organisation
    data = {
        "case": case.code,
        "organisation": organisation.credit_code or organisation.name,
        "values": values,
    }
    line = json.dumps(
        _plain(data), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return sha256(line.encode()).hexdigest()


def code_of_digest(digest: str) -> str:
    """60 bits of a digest as people type them: 4F7K-92QX-M0AB."""
    plain = base64.b32encode(bytes.fromhex(digest)).decode()
    code = plain[: GROUP * GROUPS].translate(str.maketrans(PLAIN, READABLE))
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def typed_code(text: str) -> str:
    """A code as it was meant: O for 0, I and L for 1, in groups of four."""
    meant = str.maketrans("OIL", "011")
    kept = "".join(c for c in text.upper().translate(meant) if c in READABLE)
    return "-".join(kept[at : at + GROUP] for at in range(0, len(kept), GROUP))


def _plain(value: Any) -> Any:
    """Values as JSON, the same whether just typed or read from the rows."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, models.Model):
        return str(getattr(value, "code", value.pk))
    if isinstance(value, int | Decimal):
        text = f"{Decimal(value):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
