"""The shapes of what the API answers. Amounts are decimal strings, CNY."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema


class Problem(Schema):
    """A refusal: a stable code, words in the caller's language, and the fields."""

    code: str
    message: str
    fields: dict[str, list[str]] | None = None
    #: Of a draft: the fields that somebody saved since, with both values.
    conflicts: list[dict[str, Any]] | None = None


#: Declared on every route: what any of them may answer instead.
ERRORS: dict[int, type[Schema]] = dict.fromkeys(
    (400, 401, 403, 404, 409, 413, 422, 429, 503), Problem
)


class RoundOut(Schema):
    """An open round; `example` posted to `url` makes a draft in it."""

    id: int
    code: str
    title: str
    year: int
    tier: str
    opens_at: datetime
    closes_at: datetime
    pool: str
    cap: str
    url: str
    body: dict[str, Any] = Field(alias="schema")
    example: dict[str, Any]


class RoundState(Schema):
    """A round that one may see; the counts are of the cases one may see."""

    id: int
    code: str
    title: str
    year: int
    tier: str
    opens_at: datetime
    closes_at: datetime
    ends_at: datetime
    published_at: datetime | None
    closed_at: datetime | None
    pool: str
    cap: str
    cases: dict[str, int]


class InboxItem(Schema):
    """One open task; `example` posted to `url` is accepted as it stands."""

    task: int
    case: str | None
    round: int
    action: str
    title: str
    due_at: datetime | None
    why: str
    held_by_me: bool
    url: str
    body: dict[str, Any] = Field(alias="schema")
    example: dict[str, Any]


class SavedOut(Schema):
    """When a field of a draft was saved, in which revision and by whom."""

    revision: int
    name: str
    at: str


class RivalOut(Schema):
    """A text that waits on the pages beside the one that stands in the draft."""

    field: str
    value: Any
    by: str


class DraftOut(Schema):
    """What was typed for a task, right or wrong, by field."""

    task: int
    action: str
    revision: int
    fields: dict[str, Any]
    saved: dict[str, SavedOut]
    contested: list[RivalOut]


class TaskOut(Schema):
    """A task after it was claimed, released or handed on."""

    task: int
    case: str | None
    round: int
    action: str
    holder: str | None


class OrganisationOut(Schema):
    id: int
    name: str


class CaseLine(Schema):
    """A case in the list."""

    code: str
    round: int
    organisation: OrganisationOut
    title: str
    status: str
    status_label: str
    status_since: datetime
    submitted_at: datetime | None
    requested: str | None
    awarded: str | None
    version: int
    url: str


class CasePage(Schema):
    """One page; `next` is the value of `after` for the next one, or null."""

    items: list[CaseLine]
    next: int | None


class Money(Schema):
    requested: str
    awarded: str
    paid: str
    returned: str


class StageOut(Schema):
    kind: str
    status: str
    opens_at: datetime
    report_due: datetime


class HoldOut(Schema):
    kind: str
    label: str
    opened_at: datetime
    lifted_at: datetime | None


class OpenTask(Schema):
    """An open task of the case; `mine` when the caller may do it now."""

    task: int
    action: str
    title: str
    due_at: datetime | None
    opened_at: datetime
    mine: bool
    waits_for: str


class AvailableAction(Schema):
    action: str
    title: str
    task: int | None
    url: str
    body: dict[str, Any] = Field(alias="schema")
    example: dict[str, Any]


class VersionOut(Schema):
    number: int
    name: str
    size: int
    sha256: str
    content_type: str
    scan_state: str
    uploaded_at: datetime


class DocumentOut(Schema):
    id: int
    kind: str
    title: str
    created_at: datetime
    url: str
    versions: list[VersionOut]


class ObjectionOut(Schema):
    """An objection to a case in notice; empty name and contact of a lead."""

    number: str
    status: str
    status_label: str
    anonymous: bool
    name: str
    contact: str
    text: str
    received_at: datetime
    answer: str
    documents: list[DocumentOut]


class CaseOut(CaseLine):
    """A case with everything that the caller may see and do now."""

    stage: StageOut | None
    available_actions: list[AvailableAction]
    tasks: list[OpenTask]
    documents: list[DocumentOut]
    objections: list[ObjectionOut]  # only for who handles them, and auditors
    holds: list[HoldOut]
    money: Money | None


class ChangeOut(Schema):
    field: str
    of: str
    old: Any
    new: Any


class TimelineOut(Schema):
    at: datetime
    action: str
    title: str
    actor: str
    reason: str
    changes: list[ChangeOut]


class Done(Schema):
    """What an action led to; status and version while the case is still visible."""

    action: str
    case: str | None = None
    round: int
    status: str | None = None
    version: int | None = None
    objection: str | None = None
    warnings: list[str] = []
