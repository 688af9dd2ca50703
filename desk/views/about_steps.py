"""What one needs to see at a step of the road, beside case and documents."""

from typing import Any

from django.utils.translation import gettext as _

from desk.templatetags.desk import moment
from desk.views import about_finding
from desk.views.addresses import document_url, tab_url, yuan
from grants.models import Agreement, Case, Seat, Stage
from grants.services.rescoring import locked_seats
from grants.settlement import settlement_sheet_of

Facts = list[tuple[str, Any, str]]


def about_step(action: str, target: Any) -> Facts:
    """The facts of a step; none for those that need no more."""
    about = FACTS.get(action)
    return about(target) if about else []


def about_seat(seat: Seat) -> Facts:
    """Whose seat it is in which group, and the conflict that was declared."""
    panel = seat.panel
    needs = _("Yes") if seat.needs_finance_expert else ""
    return [
        (_("Review group"), panel.name, ""),
        (_("Theme"), panel.theme, ""),
        (_("Group meets on"), panel.meets_on, ""),
        (_("Who leaves the seat"), str(seat.reviewer), ""),
        (seat.standing, seat.conflict_reason, ""),
        (_("A finance expert is needed"), needs, ""),
    ]


def about_interest(seat: Seat) -> Facts:
    """Who asks, and who would keep the money: with whom one may be related."""
    application, organisation = seat.case.application, seat.case.organisation
    return [
        (_("Applicant organisation"), str(organisation), ""),
        (_("Financial custodian"), str(organisation.custodian or ""), ""),
        (_("Project leader"), application.leader_name, ""),
        (_("Group meets on"), seat.panel.meets_on, ""),
    ]


def about_locked(case: Case) -> Facts:
    """How many seats have locked; the panel closes with the last one."""
    locked, seats = len(locked_seats(case)), case.seats.count()
    said = _("%(locked)s of %(seats)s") % {"locked": locked, "seats": seats}
    return [(_("Scores locked"), said, tab_url(case, "reviews"))]


def about_visits(stage: Stage) -> Facts:
    """What was found on the spot."""
    visits = stage.visits.filter(cancelled_at=None).select_related("visited_by")
    return [
        (
            _("Site visit of %(day)s, %(who)s")
            % {"day": visit.visited_on, "who": visit.visited_by},
            "\n".join(filter(None, [visit.findings, visit.problems, visit.advice])),
            "",
        )
        for visit in visits.order_by("pk")
    ]


def about_plan(case: Case) -> Facts:
    project = case.project
    handed_in = project.plan_submitted_at
    return [
        (_("Revised plan"), project.plan, tab_url(case, "form")),
        (_("Handed in"), moment(handed_in) if handed_in else "", ""),
    ]


def about_signature(case: Case) -> Facts:
    """The copy that the organisation signed and sealed."""
    signed = Agreement.objects.filter(case=case).select_related("signed_by").first()
    if signed is None:
        return []
    copy = signed.applicant_copy
    return [
        (_("Signed by"), str(signed.signed_by), ""),
        (_("Signed by the organisation on"), signed.signed_on, ""),
        (_("Copy sealed by the applicant"), copy.title, document_url(copy)),
    ]


def about_settlement(case: Case) -> Facts:
    """The figures after the audit, as the settlement has them."""
    final = settlement_sheet_of(case)
    if final is None:
        return []
    return [
        (_("Accepted expenditure"), yuan(final.accepted), tab_url(case, "money")),
        (_("Paid out"), yuan(final.paid), ""),
        (_("Still to be paid"), yuan(final.to_pay), ""),
        (_("To be returned"), yuan(final.to_return), ""),
        (_("Returned before"), yuan(final.returned), ""),
    ]


def about_closure(case: Case) -> Facts:
    """The package that is examined, and the figures."""
    package = case.closures.filter(outcome="").select_related("package").last()
    facts = about_settlement(case)
    if package is None:
        return facts
    title = package.package.title
    return [
        (_("Summary"), package.summary, ""),
        (_("Closure package"), title, document_url(package.package)),
        *facts,
    ]


FACTS = {
    "declare_interest": about_interest,
    "replace_reviewer": about_seat,
    "reopen_score": about_locked,
    "vacate_seat": about_locked,
    "grade_stage": about_visits,
    "recheck": about_visits,
    "decide_on_failure": about_visits,
    "accept_plan": about_plan,
    "countersign": about_signature,
    "record_refund": about_settlement,
    "submit_closure": about_settlement,
    "close_project": about_closure,
    "archive": about_settlement,
    **about_finding.FACTS,
}
