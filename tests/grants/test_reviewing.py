"""Groups and their draw, conflicts, locked scores, the panel's mean."""

from datetime import time
from decimal import Decimal

import pytest
from django.utils import translation

from audit.record import record
from grants.actions import ACTIONS
from grants.errors import Invalid, NotYours, WrongState
from grants.models import Case, Panel, Recusal, Seat, SeatStatus, Status
from grants.panels import (
    Candidate,
    TooFew,
    alternates,
    defence_times,
    draw,
    lot_of,
)
from grants.selectors import cases_visible_to
from grants.services.programmes import revoke_role
from grants.services.replacing import nobody_free, replacements_for
from grants.services.reviewing import close_panel, panel_score
from organisations.models import MembershipRole, User
from organisations.services import add_member
from tests.factories import (
    BY,
    act_on,
    declare,
    make_case,
    make_programme,
    make_round,
    make_user,
    person,
    rules_with,
    score,
    score_all,
)

pytestmark = pytest.mark.once

db = pytest.mark.django_db


@pytest.fixture
def round_(db):
    return make_round()


def eligible(round_):
    return make_case(round_, until=Status.ELIGIBLE)


def open_review(round_, **changes):
    return act_on("open_review", round_, by=person("operator", round_), **changes)


def group(name, *cases):
    return {"name": name, "meets_on": "2030-05-10", "cases": [c.code for c in cases]}


def under_review(round_):
    case = eligible(round_)
    open_review(round_)
    return Case.objects.get(pk=case.pk)


def fresh(user):
    return User.objects.get(pk=user.pk)


# -- the draw --------------------------------------------------------------------


def candidates(count, finance):
    return [Candidate(n, f"expert{n}", n < finance) for n in range(count)]


def test_draw_repeats_with_its_seed_whatever_the_order():
    people = candidates(20, 6)
    first = draw(people, seed="7", group="一组", size=5, finance=1)
    again = draw(people[::-1], seed="7", group="一组", size=5, finance=1)
    assert first == again
    assert first != draw(people, seed="8", group="一组", size=5, finance=1)
    assert first != draw(people, seed="7", group="二组", size=5, finance=1)


def test_draw_seats_are_distinct_and_finance_seats_hold_experts():
    drawn = draw(candidates(9, 3), seed="1", group="g", size=5, finance=2)
    assert [seat.number for seat in drawn] == [1, 2, 3, 4, 5]
    assert len({seat.candidate for seat in drawn}) == 5
    assert [seat.needs_finance_expert for seat in drawn] == [True] * 2 + [False] * 3
    assert all(seat.candidate.is_finance_expert for seat in drawn[:2])


def test_alternates_are_the_next_lots_and_repeat_with_the_seed():
    people = candidates(12, 4)
    facts = {"seed": "7", "group": "g"}
    drawn = draw(people, size=5, finance=1, **facts)
    found = alternates(people, drawn, count=3, **facts)
    assert found == alternates(people[::-1], drawn, count=3, **facts)
    assert len(set(found)) == 3
    assert not set(found) & {seat.candidate for seat in drawn}
    assert len(alternates(people, drawn, count=99, **facts)) == 7


def test_defences_follow_one_another():
    times = defence_times(time(9, 30), 4, 15)
    assert [f"{t:%H:%M}" for t in times] == ["09:30", "09:45", "10:00", "10:15"]


def test_draw_gives_everybody_a_chance():
    people = candidates(10, 10)
    counts = dict.fromkeys(people, 0)
    for seed in range(400):
        for seat in draw(people, seed=str(seed), group="g", size=5, finance=1):
            counts[seat.candidate] += 1
    assert all(150 < n < 250 for n in counts.values())


def test_draw_names_what_is_lacking():
    with pytest.raises(TooFew) as caught:
        draw(candidates(4, 4), seed="1", group="g", size=5, finance=1)
    assert (caught.value.what, caught.value.found) == ("experts", 4)
    with pytest.raises(TooFew) as caught:
        draw(candidates(9, 0), seed="1", group="g", size=5, finance=1)
    assert caught.value.what == "finance"


@db
def test_open_review_draws_the_same_experts_for_all_cases_of_a_group(round_):
    first, second, third = (eligible(round_) for _ in range(3))
    groups = [group("一组", first, second), group("二组", third)]
    panels = open_review(round_, groups=groups, seed="2026")
    assert [panel.name for panel in panels] == ["一组", "二组"]
    assert {panel.seed for panel in panels} == {"2026"}

    def experts(case):
        return list(case.seats.values_list("reviewer_id", flat=True))

    assert experts(first) == experts(second)
    assert experts(first) != experts(third)
    for case in (first, second, third):
        case.refresh_from_db()
        assert case.status == Status.UNDER_REVIEW
        assert case.seats.count() == 5
        assert case.seats.filter(needs_finance_expert=True).count() == 1


@db
def test_open_review_draws_a_seed_where_none_is_given(round_):
    eligible(round_)
    open_review(round_)
    assert len(Panel.objects.get().seed) == 16


@db
def test_open_review_never_draws_a_member_of_an_applicant(round_):
    first, second = eligible(round_), eligible(round_)
    programme = round_.programme
    reviewers = list(programme.role_groups.get(role="reviewer").group.user_set.all())
    conflicted = reviewers[2]
    role = MembershipRole.LEGAL_REP
    add_member(second.organisation, user=conflicted, role=role, by=BY)
    groups = [group("一组", first, second)]
    for user in reviewers[5:]:
        revoke_role(programme, "reviewer", fresh(user), by=BY)
    with pytest.raises(Invalid):
        open_review(round_, groups=groups)
    person("reviewer", round_, another=True)
    open_review(round_, groups=groups)
    assert not Seat.objects.filter(reviewer=conflicted).exists()


@db
def test_open_review_names_the_group_that_lacks_experts():
    round_ = make_round(make_programme(reviewers=4))
    eligible(round_)
    with pytest.raises(Invalid) as caught:
        open_review(round_)
    assert list(caught.value.errors) == ["groups.0.cases"]
    assert not Panel.objects.exists()


@db
def test_open_review_refuses_foreign_repeated_and_unready_cases(round_):
    ready, draft = eligible(round_), make_case(round_)
    foreign = make_case()
    for cases in ((ready, draft), (ready, foreign), (ready, ready)):
        with pytest.raises(Invalid) as caught:
            open_review(round_, groups=[group("一组", *cases)])
        assert list(caught.value.errors) == ["groups.0.cases"]
    twice = [group("一组", ready), group("二组", ready)]
    with pytest.raises(Invalid) as caught:
        open_review(round_, groups=twice)
    assert list(caught.value.errors) == ["groups.1.cases"]


@db
def test_open_review_takes_codes_separated_by_commas(round_):
    first, second = eligible(round_), eligible(round_)
    codes = f"{first.code}，{second.code}"
    row = {"name": "一组", "meets_on": "2030-05-10", "cases": codes}
    open_review(round_, groups=[row])
    assert Case.objects.filter(status=Status.UNDER_REVIEW).count() == 2


@db
@pytest.mark.parametrize("role", ["funder", "committee", "reviewer"])
def test_open_review_denied_to_others(round_, role):
    eligible(round_)
    with pytest.raises(NotYours):
        act_on("open_review", round_, by=person(role, round_))


# -- interests -------------------------------------------------------------------


@db
def test_interest_is_declared_by_the_holder_alone_and_once(round_):
    seat = under_review(round_).seats.first()
    with pytest.raises(NotYours):
        act_on("declare_interest", seat, by=make_user("mallory"))
    other = round_.programme.role_groups.get(role="reviewer").group.user_set.exclude(
        pk=seat.reviewer_id
    )
    with pytest.raises(NotYours):
        act_on("declare_interest", seat, by=other.first())
    declare(seat)
    with pytest.raises(WrongState):
        declare(seat, conflict=True, reason="后来才想起")


@db
def test_interest_denied_once_the_role_is_gone(round_):
    seat = under_review(round_).seats.first()
    revoke_role(round_.programme, "reviewer", fresh(seat.reviewer), by=BY)
    with pytest.raises(NotYours):
        declare(seat)


@db
def test_conflict_needs_its_reason_and_closes_the_case(round_):
    case = under_review(round_)
    seat = case.seats.first()
    assert cases_visible_to(fresh(seat.reviewer)).filter(pk=case.pk).exists()
    with pytest.raises(Invalid) as caught:
        declare(seat, conflict=True)
    assert list(caught.value.errors) == ["reason"]
    declare(seat, conflict=True, reason="亲属在该单位任职")
    assert not cases_visible_to(fresh(seat.reviewer)).filter(pk=case.pk).exists()
    with pytest.raises(WrongState):
        score(seat)


@db
def test_replacing_shuts_out_who_left_for_good(round_):
    case = under_review(round_)
    seat = case.seats.get(number=2)
    gone = seat.reviewer
    declare(seat, conflict=True, reason="亲属")
    act_on("replace_reviewer", seat, by=person("operator", round_))
    seat.refresh_from_db()
    assert seat.status == SeatStatus.DRAWN
    assert seat.reviewer != gone
    left = Recusal.objects.get()
    assert (left.reviewer, left.reason) == (gone, "亲属")
    assert not cases_visible_to(fresh(gone)).filter(pk=case.pk).exists()
    seat = Seat.objects.get(pk=seat.pk)
    declare(seat, conflict=True, reason="同事")
    assert gone not in replacements_for(seat)
    schema = ACTIONS["replace_reviewer"].schema(seat, None)
    assert gone.username not in schema["properties"]["reviewer"]["enum"]


@db
def test_finance_seat_stays_one(round_):
    seat = under_review(round_).seats.get(needs_finance_expert=True)
    another_expert(round_)
    declare(seat, conflict=True, reason="亲属")
    assert {u.is_finance_expert for u in replacements_for(seat)} == {True}
    layman = person("reviewer", round_, another=True)
    with pytest.raises(Invalid):
        act_on(
            "replace_reviewer",
            seat,
            by=person("operator", round_),
            reviewer=layman.username,
        )


def reviewers(round_):
    return round_.programme.role_groups.get(role="reviewer").group.user_set.all()


def only_experts(round_, seat, *numbers):
    """Of the programme's reviewers only who sits in these seats knows finance."""
    experts = seat.case.seats.filter(number__in=numbers).values("reviewer")
    with record("test", by=BY):
        reviewers(round_).update(is_finance_expert=False)
        User.objects.filter(pk__in=experts).update(is_finance_expert=True)


def another_expert(round_):
    user = person("reviewer", round_, another=True)
    with record("test", by=BY):
        user.is_finance_expert = True
        user.save()
    return user


@db
def test_finance_expert_in_another_seat_takes_over_the_finance_seat(round_):
    case = under_review(round_)
    seat = case.seats.get(needs_finance_expert=True)
    only_experts(round_, seat, seat.number, 4)
    declare(seat, conflict=True, reason="亲属")
    seat = Seat.objects.get(pk=seat.pk)
    assert {u.is_finance_expert for u in replacements_for(seat)} == {False}
    operator = person("operator", round_)
    act_on("replace_reviewer", seat, by=operator)  # the example as it stands
    seat.refresh_from_db()
    assert not seat.reviewer.is_finance_expert
    assert not seat.needs_finance_expert
    other = case.seats.get(needs_finance_expert=True)
    assert other.number == 4
    declare(other, conflict=True, reason="同事")  # now nobody knows finance
    other = Seat.objects.get(pk=other.pk)
    assert replacements_for(other) == []
    with pytest.raises(Invalid) as caught:
        act_on("replace_reviewer", other, by=operator)
    assert caught.value.errors == {"reviewer": [nobody_free(other)]}
    newcomer = another_expert(round_)
    act_on("replace_reviewer", other, by=operator)
    assert case.seats.get(needs_finance_expert=True).reviewer == newcomer


@db
def test_conflicted_finance_expert_in_another_seat_serves_for_nobody(round_):
    case = under_review(round_)
    seat = case.seats.get(needs_finance_expert=True)
    only_experts(round_, seat, seat.number, 4)
    declare(case.seats.get(number=4), conflict=True, reason="同事")
    declare(seat, conflict=True, reason="亲属")
    assert replacements_for(Seat.objects.get(pk=seat.pk)) == []


@db
def test_free_finance_expert_goes_first(round_):
    case = under_review(round_)
    seat = case.seats.get(needs_finance_expert=True)
    only_experts(round_, seat, seat.number, 4)
    free = another_expert(round_)
    declare(seat, conflict=True, reason="亲属")
    assert replacements_for(Seat.objects.get(pk=seat.pk)) == [free]


@db
def test_nobody_free_at_all_is_told_what_to_do(round_):
    case = under_review(round_)
    seat = case.seats.get(number=3)
    seated = set(case.seats.values_list("reviewer_id", flat=True))
    for user in reviewers(round_):
        if user.pk not in seated:
            revoke_role(round_.programme, "reviewer", fresh(user), by=BY)
    declare(seat, conflict=True, reason="亲属")
    operator = person("operator", round_)
    for body in ({}, {"reviewer": seat.reviewer.username}):
        with pytest.raises(Invalid) as caught:
            act_on("replace_reviewer", seat, by=operator, **body)
        assert caught.value.errors == {"reviewer": [nobody_free(seat)]}
    person("reviewer", round_, another=True)
    act_on("replace_reviewer", seat, by=operator)


@db
def test_nobody_is_replaced_without_a_conflict(round_):
    seat = under_review(round_).seats.get(number=2)
    with pytest.raises(WrongState):
        act_on("replace_reviewer", seat, by=person("operator", round_))


# -- scores ----------------------------------------------------------------------


@db
def test_score_waits_for_the_declaration_and_is_locked_once(round_):
    seat = under_review(round_).seats.first()
    with pytest.raises(WrongState):
        score(seat)
    declare(seat)
    review = score(seat)
    assert review.total == Decimal("85.00")
    assert review.scores.count() == 6
    seat.refresh_from_db()
    assert seat.status == SeatStatus.LOCKED
    with pytest.raises(WrongState):
        score(seat)


@db
def test_score_keeps_within_the_weight(round_):
    seat = under_review(round_).seats.first()
    declare(seat)
    for value in ("20.01", "-1"):
        with pytest.raises(Invalid) as caught:
            score(seat, score_need=value)
        assert list(caught.value.errors) == ["score_need"]
    assert score(seat, score_need="20").total == Decimal("88.00")


@db
def test_low_score_needs_a_comment(round_):
    seat = under_review(round_).seats.first()
    declare(seat)
    with pytest.raises(Invalid) as caught:
        score(seat, score_need="11.99", comment_need=" ")
    assert list(caught.value.errors) == ["comment_need"]
    score(seat, score_need="12.00", comment_need="")


@db
def test_recommended_is_at_most_what_was_asked(round_):
    seat = under_review(round_).seats.first()
    declare(seat)
    with pytest.raises(Invalid) as caught:
        score(seat, recommended="100000.01")
    assert list(caught.value.errors) == ["recommended"]
    score(seat, recommended="80000.00")


@db
def test_panel_closes_when_all_have_locked(round_):
    case = under_review(round_)
    with pytest.raises(WrongState):
        close_panel(case, by=BY)
    with pytest.raises(NotYours):
        close_panel(case, by=person("operator", round_))
    score_all(case)
    case.refresh_from_db()
    assert case.status == Status.SCORED
    assert case.application.score == Decimal("85.00")


def numbers(*values):
    return [Decimal(v) for v in values]


def test_mean_drops_one_highest_and_one_lowest_of_five():
    assert panel_score(numbers("10", "80", "80", "83", "100"), 5) == Decimal("81.00")
    assert panel_score(numbers("90", "90", "60", "60", "60"), 5) == Decimal("70.00")


def test_mean_keeps_all_of_four():
    assert panel_score(numbers("0", "80", "80", "100"), 5) == Decimal("65.00")


def test_mean_is_rounded_half_up_at_the_second_decimal():
    assert panel_score(numbers("80.00", "80.01"), 5) == Decimal("80.01")
    assert panel_score(numbers("80", "80", "81"), 5) == Decimal("80.33")
    assert panel_score(numbers("80", "81", "81"), 5) == Decimal("80.67")


@db
def test_panel_of_three_keeps_all_its_scores():
    review = {"panel_size": 3, "trim_high_low_when_at_least": 0}
    rules = rules_with(review=review)
    round_ = make_round(make_programme(rules=rules))
    case = under_review(round_)
    for seat, need in zip(case.seats.all(), ("12", "14", "20"), strict=True):
        declare(seat)
        score(seat, score_need=need)
    close_panel(Case.objects.get(pk=case.pk), by=BY)
    case.refresh_from_db()
    assert case.application.score == Decimal("83.33")


@db
def test_alternates_take_a_seat_first_in_their_order_then_the_others_by_lot(round_):
    for _number in range(3):
        person("reviewer", round_, another=True)
    case = under_review(round_)
    seat = case.seats.get(number=3)
    declare(seat, conflict=True, reason="亲属")
    seat = Seat.objects.get(pk=seat.pk)
    order = replacements_for(seat)
    places = [a.reviewer for a in seat.panel.alternates.order_by("place")]
    assert places
    assert order[: len(places)] == places
    others = order[len(places) :]
    seed = {"seed": seat.panel.seed, "group": seat.panel.name}
    lots = [lot_of(*seed.values(), Candidate(u.pk, u.username, False)) for u in others]
    assert len(others) > 1
    assert lots == sorted(lots)
    with translation.override("en"):
        form = ACTIONS["replace_reviewer"].form(target=seat, by=None)
    labels = [label for _value, label in form.fields["reviewer"].choices]
    assert labels[0] == f"Alternate 1: {places[0]}"
    assert labels[-1] == str(others[-1])


@db
def test_passing_over_the_first_alternate_needs_a_reason_that_stays(round_):
    person("reviewer", round_, another=True)
    seat = under_review(round_).seats.get(number=3)
    declare(seat, conflict=True, reason="亲属")
    order = replacements_for(Seat.objects.get(pk=seat.pk))
    operator, last = person("operator", round_), order[-1].username
    with pytest.raises(Invalid) as caught:
        act_on("replace_reviewer", seat, by=operator, reviewer=last)
    assert list(caught.value.errors) == ["reason"]
    act_on("replace_reviewer", seat, by=operator, reviewer=last, reason="出差")
    seat.refresh_from_db()
    assert seat.reviewer == order[-1]
