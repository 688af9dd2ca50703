"""What an officer should look at on a path that went through."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from grants.calendar import is_provisional, today
from grants.models import Round
from workflows.rehearsal.path import Path


def day_of(path: Path, action: str) -> date | None:
    """The last day on which an act was done."""
    days = [step.at for step in path.steps if step.action == action]
    return today(datetime.fromisoformat(days[-1])) if days else None


def notes_on(path: Path, round_: Round) -> list[str]:
    """Dates that do not go together, and money of another year."""
    found = []
    scored, signed = day_of(path, "lock_score"), day_of(path, "countersign")
    if scored and scored > today(round_.review_ends_at):
        text = _("The scores are locked on %(day)s; the review ends on %(end)s.")
        found.append(text % {"day": scored, "end": today(round_.review_ends_at)})
    if signed and signed > round_.project_starts_on:
        text = _("The agreement is signed on %(day)s; projects start on %(start)s.")
        found.append(text % {"day": signed, "start": round_.project_starts_on})
    if any(step.late for step in path.steps):
        found.append(_("Some steps were done after their date; they are marked."))
    years = {pool.budget_year for pool in round_.pools.all()}
    late = [p for p in path.payments if p.paid_on and int(p.paid_on[:4]) not in years]
    if late:
        text = _("Payment %(seq)s falls on %(day)s; the budget is of %(years)s.")
        listed = ", ".join(str(year) for year in sorted(years))
        for payment in late:
            words = {"seq": payment.seq, "day": payment.paid_on, "years": listed}
            found.append(text % words)
    if path.steps and is_provisional(today(datetime.fromisoformat(path.steps[-1].at))):
        found.append(
            _("Holidays of the later years are not announced: dates may move.")
        )
    return found
