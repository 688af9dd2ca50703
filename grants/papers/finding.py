"""Finding one paper for somebody: there is one, it is theirs, it can be printed."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from grants.accounts import sees_account_of, sees_accounts
from grants.errors import Missing, NotYours, WrongState
from grants.models import Case, Panel, PaymentBatch, Round
from grants.papers.registry import BY_CODE, Paper, is_conflicted, may_have
from grants.papers.sheet import Sheet
from organisations.models import User


def sheet_for_case(user: User, case: Case, code: str, fmt: str) -> Sheet:
    """A paper of a case that the person sees; 404, 403 or 409 as ActionError."""
    paper = paper_of(code, fmt, ("case",))
    if not may_have(paper, user, case):
        raise NotYours(NOT_YOURS)
    if not paper.ready(case):
        raise WrongState(NOT_YET, code="no_paper")
    if paper.accounts:
        return paper.build(case, full=sees_account_of(user, case))
    return paper.build(case)


def sheet_for_round(
    user: User, round_: Round, code: str, fmt: str, part: int | None
) -> Sheet:
    """A paper of a round, of one of its panels or of one of its batches."""
    paper = paper_of(code, fmt, ("round", "panel", "batch"))
    if not may_have(paper, user, round_) or is_conflicted(user, round_):
        raise NotYours(NOT_YOURS)
    if paper.target == "panel":
        return paper.build(part_of(Panel, round_, part))
    if paper.target == "batch":
        batch = None if part is None else part_of(PaymentBatch, round_, part)
        full = sees_accounts(user, round_.programme_id)
        return paper.build(round_, batch, full=full)
    if part is not None:
        raise Missing(NO_PAPER)
    return paper.build(round_)


def paper_of(code: str, fmt: str, targets: tuple[str, ...]) -> Paper:
    paper = BY_CODE.get(code)
    if paper is None or paper.target not in targets or fmt not in paper.formats:
        raise Missing(NO_PAPER)
    return paper


def part_of(model: type, round_: Round, pk: int | None) -> Any:
    """A panel or batch of the round; NotVisible for one of another."""
    found = model.objects.select_related("round__programme__authority").filter(
        round=round_, pk=pk
    )
    thing = found.first() if pk is not None and pk < 2**63 else None
    if thing is None:
        raise Missing(NO_PAPER)
    return thing


NO_PAPER = _("There is no such paper.")
NOT_YOURS = _("This paper is for other offices.")
NOT_YET = _("There is nothing to put on this paper yet.")
