"""From a draft to a signed agreement (申报)."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Role
from grants.services.applying import expire_draft
from grants.services.contracting import lapse
from grants.services.deciding import close_notice, release_waitlist
from grants.services.reviewing import close_panel
from grants.services.screening import lapse_correction
from organisations.models import MembershipRole
from workflows.facts import (
    call_closes,
    correction_ends,
    notice_ends,
    open_seats,
    panel_waits_no_more,
    review_ends,
    revision_ends,
    round_ends,
    screening_ends,
    seat_is_left,
    signing_ends,
    status,
    where_asking,
)
from workflows.flows.base import CaseFlow, begin
from workflows.nodes import (
    Auto,
    Await,
    End,
    Enter,
    ForEach,
    Join,
    Step,
    Switch,
    Until,
    When,
    by,
    holder,
    member,
)

APPLICANT, LEGAL_REP = MembershipRole.APPLICANT, MembershipRole.LEGAL_REP
OPERATOR, FUNDER = Role.OPERATOR, Role.FUNDER


class ApplicationFlow(CaseFlow):
    process_title = _("Application")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(where_asking)
        .At(
            DRAFT=this.write_application,
            SCREENING=this.screen_application,
            CORRECTION=this.correct_application,
            ELIGIBLE=this.await_review,
            UNDER_REVIEW=this.each_seat,
            SCORED=this.await_committee,
            PROPOSED=this.await_meeting,
            WAITLISTED=this.await_place,
            DECIDED=this.await_notice,
            IN_NOTICE=this.notice_period,
            REVISION=this.revise_plan,
            AGREEMENT=this.sign_agreement,
            REFUSAL_PROPOSED=this.refuse_application,
            PLAN_HANDED_IN=this.accept_plan,
            SIGNED=this.countersign,
        )
        .Title(_("Where the case stands"))
    )

    # -- asking ---------------------------------------------------------------
    write_application = (
        Step("submit_application", member(APPLICANT))
        .Due(call_closes, this.expire)
        .Next(this.screen_application)
        .Title(_("Write and submit the application"))
    )
    expire = Auto(expire_draft).Next(this.closed).Title(_("Draft expires"))
    screen_application = (
        Step("screen", by(OPERATOR), same_as=this.screen_application)
        .Remind(screening_ends)
        .Next(this.screened)
        .Title(_("Screen the application"))
    )
    screened = (
        Switch(status)
        .To(
            CORRECTION=this.correct_application,
            ELIGIBLE=this.await_review,
            SCREENING=this.refuse_application,
        )
        .Title(_("Result of the screening"))
    )
    correct_application = (
        Step("resubmit", member(APPLICANT))
        .Due(correction_ends, this.lapse_correction)
        .Next(this.screen_application)
        .Title(_("Correct the application"))
    )
    lapse_correction = (
        Auto(lapse_correction).Next(this.closed).Title(_("Correction not made in time"))
    )
    refuse_application = (
        Step("confirm_refusal", by(FUNDER))
        .Next(this.refused)
        .Title(_("Decide on the proposed refusal"))
    )
    refused = (
        Switch(status)
        .To(INELIGIBLE=this.closed, SCREENING=this.screen_application)
        .Title(_("Refusal confirmed?"))
    )

    # -- review: one branch per seat --------------------------------------------
    await_review = (
        Await("open_review").Next(this.each_seat).Title(_("Panels are drawn"))
    )
    each_seat = (
        ForEach(open_seats).Next(this.where_seat_stands).Title(_("For each seat"))
    )
    where_seat_stands = (
        Enter(status)
        .At(
            DRAWN=this.declare_interest,
            CONFLICT=this.replace_reviewer,
            CLEAR=this.score_application,
            LOCKED=this.await_panel,
            REOPENED=this.score_application,
        )
        .Title(_("Where the seat stands"))
    )
    declare_interest = (
        Step("declare_interest", holder)
        .Remind(review_ends)
        .Moot(seat_is_left)
        .Next(this.conflict_declared)
        .Title(_("Declare interest"))
    )
    conflict_declared = (
        Switch(status)
        .To(CONFLICT=this.replace_reviewer, CLEAR=this.score_application)
        .Title(_("Conflict?"))
    )
    replace_reviewer = (
        Step("replace_reviewer", by(OPERATOR))
        .Next(this.declare_interest)
        .Title(_("Replace the reviewer"))
    )
    score_application = (
        Step("lock_score", holder)
        .Remind(review_ends)
        .Moot(seat_is_left)
        .Next(this.seat_vacated)
        .Title(_("Score and lock"))
    )
    seat_vacated = (
        Switch(status)
        .To(LOCKED=this.await_panel, CONFLICT=this.replace_reviewer)
        .Title(_("Seat freed?"))
    )
    await_panel = (
        When(panel_waits_no_more)
        .Next(this.score_stands)
        .Title(_("Locked; waits for the panel"))
    )
    score_stands = (
        Switch(status)
        .To(LOCKED=this.panel_complete, REOPENED=this.score_application)
        .Title(_("Score reopened?"))
    )
    panel_complete = Join().Next(this.close_panel).Title(_("Every seat has scored"))
    close_panel = Auto(close_panel).Next(this.await_committee).Title(_("Panel closes"))

    # -- deciding ----------------------------------------------------------------
    await_committee = (
        Await("confirm_decision").Next(this.decided).Title(_("Committee decides"))
    )
    decided = (
        Switch(status)
        .To(
            PROPOSED=this.await_meeting,
            WAITLISTED=this.await_place,
            REJECTED=this.closed,
        )
        .Title(_("Committee's decision"))
    )
    await_place = (
        Await("offer_place")
        .Due(round_ends, this.release_waitlist)
        .Next(this.await_meeting)
        .Title(_("Waits for a place"))
    )
    release_waitlist = (
        Auto(release_waitlist).Next(this.closed).Title(_("Wait list released"))
    )
    await_meeting = (
        Await("record_meeting").Next(this.await_notice).Title(_("Bureau meeting"))
    )
    await_notice = (
        Await("publish_notice").Next(this.notice_period).Title(_("Notice published"))
    )
    notice_period = (
        Until(notice_ends).Next(this.close_notice).Title(_("Public notice runs"))
    )
    close_notice = Auto(close_notice).Next(this.await_award).Title(_("Notice is over"))
    await_award = Await("award_list").Next(this.awarded).Title(_("Award letter issued"))
    awarded = (
        Switch(status)
        .To(REVISION=this.revise_plan, AGREEMENT=this.sign_agreement)
        .Title(_("Award below the request?"))
    )

    # -- contracting ----------------------------------------------------------------
    revise_plan = (
        Step("revise_plan", member(APPLICANT))
        .Due(revision_ends, this.lapse)
        .Next(this.accept_plan)
        .Title(_("Revise plan and budget"))
    )
    accept_plan = (
        Step("accept_plan", by(FUNDER), same_as=this.accept_plan)
        .Next(this.plan_accepted)
        .Title(_("Accept the revised plan"))
    )
    plan_accepted = (
        Switch(status)
        .To(REVISION=this.revise_plan, AGREEMENT=this.sign_agreement)
        .Title(_("Plan accepted?"))
    )
    sign_agreement = (
        Step("sign", member(LEGAL_REP))
        .Due(signing_ends, this.lapse)
        .Next(this.countersign)
        .Title(_("Sign the agreement"))
    )
    countersign = (
        Step("countersign", by(FUNDER))
        .Next(this.closed)
        .Title(_("Countersign the agreement"))
    )
    lapse = Auto(lapse).Next(this.closed).Title(_("Award lapses"))
    closed = End().Title(_("End"))
