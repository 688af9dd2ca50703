"""Whoever copies a code has room for the longest.

SQLite does not mind; PostgreSQL refuses the row, and with it the act.
"""

import pytest
from django.apps import apps

from audit.models import CODE_LENGTH

pytestmark = pytest.mark.once


def room(label: str, field: str) -> int:
    """Characters that a column takes."""
    return apps.get_model(label)._meta.get_field(field).max_length


CASE = room("grants.Case", "code")
ROUND = room("grants.Round", "code")
PROGRAMME = room("grants.Programme", "code")
ROLE = room("grants.RoleGroup", "role")
TIER = max(len(v) for v, _name in apps.get_model("grants.Round").tier.field.choices)
#: What copies a code, and the characters that it needs for it.
COPIES = [
    ("grants.Case", "code", PROGRAMME + len("-2026-") + TIER + len("-00001")),
    ("grants.Project", "award_no", PROGRAMME + len("-LX-2026-") + TIER + len("-0001")),
    ("outbox.Message", "case_code", CASE),
    ("outbox.Message", "url", len("/cases//timeline/") + CASE),
    ("grants.Objection", "number", CASE + len("-Y10")),
    ("grants.Tranche", "receipt_number", CASE + len("-R10")),
    ("grants.Tranche", "voucher_number", CASE + len("-V10")),
    ("grants.Refund", "voucher_number", CASE + len("-B")),
    ("grants.PaymentBatch", "number", ROUND + len("-P1000")),
    ("desk.IdempotentReply", "method_path", 3 * CASE),
    ("auth.Group", "name", PROGRAMME + len(":") + ROLE),
    ("workflows.WorkItem", "stream", len("grants_round:") + 20),
]


@pytest.mark.parametrize(("label", "field", "needed"), COPIES)
def test_column_has_room_for_the_longest_code(label, field, needed):
    assert room(label, field) >= needed


def test_record_has_room_for_every_target():
    assert max(CASE, ROUND, PROGRAMME + 1 + ROLE) <= CODE_LENGTH
