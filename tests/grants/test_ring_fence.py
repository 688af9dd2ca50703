"""A03: a district keeps 30 per cent of its fund for community organisations."""

from decimal import Decimal

import pytest

from audit.record import record
from grants.actions import ACTIONS
from grants.errors import Invalid
from grants.models import Case, Status, Tier
from grants.selectors import committed_by_kind
from grants.services.listing import fence_of, room_of
from tests.factories import BY, act_on, make_case, make_programme, make_round, person

pytestmark = pytest.mark.django_db
MILLION = {"pool": Decimal("1000000.00"), "cap": Decimal("800000.00")}


def scored(round_, *, community=False, amount="400000.00"):
    """A scored case that asked for an amount."""
    case = make_case(round_, until=Status.SCORED)
    with record("test", by=BY):
        case.requested = Decimal(amount)
        case.save()
        case.organisation.is_community = community
        case.organisation.save()
    return case


def line(case, amount, outcome="AWARD"):
    return {"case": case.code, "outcome": outcome, "amount": amount, "reason": "见纪要"}


def committee(round_):
    return person("committee", round_), person("committee", round_, another=True)


def decide(round_, *lines):
    return act_on("decide_list", round_, by=committee(round_)[0], lines=list(lines))


@pytest.fixture
def district(clock):
    clock.to("2021-05-01 10:00")
    return make_round(make_programme(), tier=Tier.DISTRICT, **MILLION)


def test_fence_of_a_district_pool_of_a_million(district):
    assert fence_of(district) == Decimal("300000.00")
    assert room_of(district) == {True: Decimal("1000000"), False: Decimal("700000")}


@pytest.mark.parametrize("tier", [Tier.CITY, Tier.STREET])
def test_other_tiers_have_none(tier, clock):
    clock.to("2021-05-01 10:00")
    round_ = make_round(make_programme(), tier=tier, **MILLION)
    assert fence_of(round_) is None
    case, other = scored(round_), scored(round_)
    decide(round_, line(case, "400000.00"), line(other, "300000.01"))


def test_700_000_to_others_pass_and_a_fen_more_is_refused(district):
    first, second = scored(district), scored(district)
    with pytest.raises(Invalid) as caught:
        decide(district, line(first, "400000.00"), line(second, "300000.01"))
    (said,) = caught.value.errors["lines"]
    for figure in ("RINGFENCE_30", "300,000.00", "700,000.00", "700,000.01", "0.01"):
        assert figure in said
    decide(district, line(first, "400000.00"), line(second, "300000.00"))


def test_community_organisations_may_have_all_of_it(district):
    cases = [scored(district, community=True) for _ in range(2)]
    rest = scored(district, community=True, amount="200000.00")
    decide(
        district,
        *(line(case, "400000.00") for case in cases),
        line(rest, "200000.00"),
    )


def test_confirming_looks_again(district):
    first, second = (scored(district, community=c) for c in (False, True))
    decide(district, line(first, "400000.00"), line(second, "400000.00"))
    with record("test", by=BY):  # struck off the list of community organisations
        second.organisation.is_community = False
        second.organisation.save()
    confirmer = committee(district)[1]
    with pytest.raises(Invalid) as caught:
        act_on("confirm_decision", district, by=confirmer)
    assert "RINGFENCE_30" in caught.value.errors["outcome"][0]
    assert Case.objects.filter(status=Status.SCORED).count() == 2


def test_example_of_the_list_stands_and_uses_the_ring_fence(district):
    others = [scored(district) for _ in range(2)]
    community = scored(district, community=True, amount="300000.00")
    by, confirmer = committee(district)
    example = ACTIONS["decide_list"].example(district, by)
    outcomes = {row["case"]: row["outcome"] for row in example["lines"]}
    assert sorted(outcomes[case.code] for case in others) == ["AWARD", "WAITLIST"]
    assert outcomes[community.code] == "AWARD"
    act_on("decide_list", district, by=by)
    act_on("confirm_decision", district, by=confirmer)
    assert committed_by_kind([district])[district.pk][False] == Decimal("400000.00")
    waiting = Case.objects.get(status=Status.WAITLISTED)
    funder = person("funder", district)
    with pytest.raises(Invalid) as caught:
        act_on("offer_place", district, by=funder, amount="300000.01")
    assert caught.value.errors["amount"]
    act_on("offer_place", district, by=funder)  # the example: what is left, 300,000
    waiting.refresh_from_db()
    assert waiting.awarded == Decimal("300000.00")
    assert committed_by_kind([district])[district.pk][False] == Decimal("700000.00")
