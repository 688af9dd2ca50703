"""Making a paper for somebody: built in Chinese, set, and put on record.

Each file that leaves the house is an event in its reader's stream, with the
SHA-256 of its bytes: a paper that turns up later can be told apart.
"""

from dataclasses import dataclass
from hashlib import sha256

from django.utils.text import slugify
from django.utils.translation import override

from audit.actors import actor_of, own_stream
from audit.record import READ, record, tell
from grants.models import Case, Round
from grants.papers.finding import sheet_for_case, sheet_for_round
from grants.papers.registry import BY_CODE, DOCX, PDF
from grants.papers.typeset import pdf_of
from grants.papers.word import docx_of
from organisations.models import User

VERB = "export_paper"
SETTERS = {PDF: pdf_of, DOCX: docx_of}
CONTENT_TYPES = {
    PDF: "application/pdf",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True)
class Issued:
    """A file as it is sent."""

    name: str
    content: bytes
    content_type: str
    sha256: str


def issue_case_paper(case: Case, code: str, fmt: str, *, by: User) -> Issued:
    """A paper of a case. ActionError: 404 no such, 403 not yours, 409 not yet."""
    with override("zh-hans"):
        sheet = sheet_for_case(by, case, code, fmt)
        content = SETTERS[fmt](sheet)
    return _recorded(case, code, fmt, content, by, part=None)


def issue_round_paper(
    round_: Round, code: str, fmt: str, *, by: User, part: int | None = None
) -> Issued:
    """A paper of a round; `part` is the id of a panel or of a payment batch."""
    with override("zh-hans"):
        sheet = sheet_for_round(by, round_, code, fmt, part)
        content = SETTERS[fmt](sheet)
    return _recorded(round_, code, fmt, content, by, part=part)


def _recorded(
    target: Case | Round,
    code: str,
    fmt: str,
    content: bytes,
    by: User,
    *,
    part: int | None,
) -> Issued:
    digest = sha256(content).hexdigest()
    data = {"paper": code, "format": fmt, "sha256": digest}
    if part is not None:
        data["part"] = str(part)
    with record(VERB, by=by, target=target, stream=own_stream(actor_of(by)), data=data):
        pass
    tell(READ)
    ending = f"-{part}" if part is not None else ""
    name = f"{slugify(target.code)}-{BY_CODE[code].code}{ending}.{fmt}"
    return Issued(name, content, CONTENT_TYPES[fmt], digest)
