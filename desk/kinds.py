"""The kinds of messages: who gets them, what their texts may name, what must go.

A kind is the template of a letter (templates/messages/<kind>.txt holds the
default text). The names of kinds and placeholders are stored: choose them once.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from grants.models import Status
from outbox.models import Mailing

#: Placeholder → what stands for it in a message.
PLACEHOLDERS: dict[str, Any] = {
    "recipient": _("Name of the recipient"),
    "code": _("Number of the case, or of the round"),
    "title": _("Title of the project, or of the round"),
    "action": _("Step"),
    "status": _("Status of the case"),
    "due": _("Due date"),
    "stage": _("Stage of the tracking"),
    "stage_status": _("Where the stage stands"),
    "outcome": _("How a request was decided"),
    "number": _("Number of the objection"),
    "seq": _("Number of the tranche"),
    "amount": _("Amount in yuan"),
    "absent": _("Absent person"),
    "stand_in": _("Stand-in"),
    "from": _("First day"),
    "until": _("Last day"),
    "organisation": _("Organisation"),
    "count": _("How many steps"),
    "lines": _("The steps, one a line"),
    "file": _("Name of the file"),
}

#: Refusals and endings, which an organisation always hears of by mail.
REFUSED = (
    Status.EXPIRED,
    Status.INELIGIBLE,
    Status.REJECTED,
    Status.CANCELLED,
    Status.LAPSED,
    Status.TERMINATED,
    Status.CLAWBACK,
)

CASE = ("recipient", "code", "title")


@dataclass(frozen=True)
class Kind:
    """One kind of message.

    members, office: who may get it, an organisation's members or the people of
    a programme. binding: members get it by mail at once, whatever they chose;
    `sometimes` says when a kind that is not binding as a whole still is.
    mailing: when it is mailed where neither person nor programme says.
    """

    name: str
    label: Any
    placeholders: tuple[str, ...]
    members: bool = False
    office: bool = False
    binding: bool = False
    sometimes: Any = ""
    mailing: str = Mailing.NOW


_ALL = (
    Kind(
        "task_opened",
        _("A step waits for me"),
        (*CASE, "action", "due"),
        members=True,
        office=True,
        sometimes=_("With a deadline it always comes by mail at once."),
    ),
    Kind(
        "task_reassigned",
        _("A step was handed over to me"),
        (*CASE, "action", "due"),
        members=True,
        office=True,
    ),
    Kind(
        "task_overdue",
        _("A step is overdue"),
        (*CASE, "action", "due"),
        members=True,
        office=True,
        binding=True,
    ),
    Kind(
        "reminder",
        _("An officer reminds of overdue steps"),
        ("recipient", "count", "lines"),
        members=True,
        office=True,
        binding=True,
    ),
    Kind(
        "correction",
        _("The application was returned for correction"),
        (*CASE, "action", "status"),
        members=True,
        binding=True,
    ),
    Kind(
        "refusal",
        _("Refused, lapsed or terminated"),
        (*CASE, "action", "status"),
        members=True,
        binding=True,
    ),
    Kind(
        "case_news",
        _("Other news of a case"),
        (*CASE, "action", "status"),
        members=True,
    ),
    Kind(
        "stage_news",
        _("Result of a tracking stage"),
        (*CASE, "action", "stage", "stage_status"),
        members=True,
        sometimes=_("A rectification always comes by mail at once."),
    ),
    Kind(
        "side_news",
        _("Suspensions and decided changes"),
        (*CASE, "action", "outcome"),
        members=True,
    ),
    Kind(
        "paid",
        _("A tranche was paid"),
        (*CASE, "seq", "amount"),
        members=True,
    ),
    Kind(
        "objection_received",
        _("An objection came in"),
        (*CASE, "number"),
        office=True,
    ),
    Kind(
        "infected",
        _("A virus was found in a file"),
        (*CASE, "file"),
        members=True,
        office=True,
        binding=True,
    ),
    Kind(
        "propose_lift",
        _("Lifting an exclusion is proposed"),
        (*CASE, "organisation", "until"),
        office=True,
    ),
    Kind(
        "decide_lift",
        _("Whether an exclusion was lifted"),
        (*CASE, "organisation", "until", "outcome"),
        members=True,
        office=True,
    ),
    Kind(
        "vacate_seat",
        _("My seat on a panel was freed"),
        CASE,
        office=True,
    ),
    Kind(
        "make_cover",
        _("Leave cover set up"),
        ("recipient", "absent", "stand_in", "from", "until"),
        office=True,
    ),
    Kind(
        "end_cover",
        _("Leave cover ended"),
        ("recipient", "absent", "stand_in", "from", "until"),
        office=True,
    ),
)
#: In the order of the pages.
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}

#: What a preview shows: parameters as a letter has them.
EXAMPLE: dict[str, Any] = {
    "code": "GY-2026-CITY-001",
    "title_zh": "社区长者陪伴计划",
    "title_en": "Company for the elderly of the community",
    "action": "resubmit",
    "status": "ELIGIBLE",
    "due": "2026-05-08 17:00",
    "stage": "MID",
    "stage_status": "PASSED",
    "outcome": "APPROVED",
    "number": "8K3F-27QD",
    "seq": 1,
    "amount": "50,000.00",
    "absent": "王静",
    "stand_in": "李华",
    "from": "2026-05-01",
    "until": "2026-05-08",
    "organisation": "杭州市某某社会工作服务中心",
    "file": "预算.xls",
    "count": 1,
    "lines": [
        {
            "code": "GY-2026-CITY-001",
            "title": "社区长者陪伴计划",
            "action": "report_stage",
            "due": "2026-05-08 17:00",
        }
    ],
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "task_opened": {"action": "screen"},
    "correction": {"action": "screen", "status": "CORRECTION"},
    "refusal": {"action": "confirm_refusal", "status": "INELIGIBLE"},
    "case_news": {"action": "screen"},
    "stage_news": {"action": "grade_stage"},
    "side_news": {"action": "decide_change"},
    "decide_lift": {"outcome": "CONFIRMED"},
    "task_overdue": {"action": "report_stage"},
    "task_reassigned": {"action": "screen"},
}


def example_of(kind: str) -> dict[str, Any]:
    """Parameters of a made-up letter of this kind."""
    return EXAMPLE | EXAMPLES.get(kind, {})
