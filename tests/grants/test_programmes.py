"""Programmes, roles and rounds: who sets up, and what is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import now
from guardian.models import GroupObjectPermission

from attachments import registry
from audit.testing import ambient_event
from grants.errors import Invalid, NotYours, WrongState
from grants.forms.programmes import RoundForm
from grants.models import Role, Round, Status
from grants.permissions import has_permission, roles_of
from grants.rules import rules_of
from grants.services.programmes import (
    ROLE_HOOKS,
    create_programme,
    create_round,
    give_new_permissions,
    grant_role,
    publish_round,
    revoke_role,
    update_round,
)
from organisations.models import User
from tests.factories import (
    BY,
    make_case,
    make_organisation,
    make_programme,
    make_round,
    make_user,
    member,
    person,
    round_fields,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def fresh(user):
    return User.objects.get(pk=user.pk)


# -- roles -----------------------------------------------------------------------


def test_only_an_administrator_creates_programmes_and_grants_roles():
    names, bureau = ("公益创投", "Venture"), make_organisation()
    with pytest.raises(NotYours):
        create_programme("venture", names, bureau, None, by=make_user())
    admin = make_user("admin", is_administrator=True)
    programme = create_programme("venture", names, bureau, None, by=admin)
    with pytest.raises(NotYours):
        grant_role(programme, Role.FUNDER, make_user(), by=person("head", programme))
    grant_role(programme, Role.FUNDER, make_user(), by=admin)


def test_role_holds_in_its_programme_alone():
    ours, theirs = make_programme(), make_programme()
    operator = person("operator", ours)
    assert has_permission(operator, "screen", ours.pk)
    assert not has_permission(operator, "screen", theirs.pk)
    assert not has_permission(operator, "confirm_refusal", ours.pk)
    assert not operator.has_perm("grants.screen")


def test_revoking_ends_access_at_once_and_calls_the_hooks():
    programme = make_programme()
    operator = person("operator", programme)
    told = []

    def hook(*facts):
        told.append(facts)

    ROLE_HOOKS.append(hook)
    try:
        revoke_role(programme, Role.OPERATOR, operator, by=BY, reason="调岗")
    finally:
        ROLE_HOOKS.remove(hook)
    assert told == [(operator, programme, Role.OPERATOR)]
    assert not has_permission(operator, "screen", programme.pk)
    assert roles_of(fresh(operator)) == set()


@pytest.mark.parametrize("watching", ["auditor", "inspector"])
@pytest.mark.parametrize("acting", ["reviewer", "committee", "operator", "finance"])
def test_who_oversees_can_never_act_nor_the_other_way_round(watching, acting):
    programme, other = make_programme(reviewers=0), make_programme(reviewers=0)
    for first, second in ((watching, acting), (acting, watching)):
        user = make_user()
        grant_role(programme, first, user, by=BY)
        with pytest.raises(Invalid) as caught:
            grant_role(programme, second, user, by=BY)
        assert list(caught.value.errors) == ["role"]
        grant_role(other, second, user, by=BY)


# -- rounds ----------------------------------------------------------------------


def wrong(**fields):
    programme = make_programme(reviewers=0)
    by = person("funder", programme)
    with pytest.raises(Invalid) as caught:
        create_round(programme, by=by, **round_fields(**fields))
    assert not Round.objects.exists()
    return list(caught.value.errors)


def test_round_is_refused_field_by_field():
    at = now()
    assert wrong(pool=Decimal(0), cap=Decimal(0)) == ["pool", "cap"]
    assert wrong(pool=Decimal(100), cap=Decimal("100.01")) == ["cap"]
    assert wrong(closes_at=at - timedelta(days=9)) == ["closes_at"]
    assert wrong(review_ends_at=at + timedelta(days=2)) == ["review_ends_at"]
    assert wrong(ends_at=at + timedelta(days=40)) == ["ends_at"]
    assert wrong(project_ends_on=(at + timedelta(days=60)).date()) == [
        "project_ends_on"
    ]
    assert wrong(notice_working_days=4) == ["notice_working_days"]


def test_round_code_is_used_once():
    round_ = make_round()
    assert wrong_code(round_.code) == ["code"]


def wrong_code(code):
    programme = make_programme(reviewers=0)
    with pytest.raises(Invalid) as caught:
        create_round(programme, by=BY, **round_fields(code=code))
    return list(caught.value.errors)


def test_form_says_the_same_before_the_service():
    programme = make_programme(reviewers=0)
    pool = {"source": "福彩", "amount": "1000000", "budget_year": 2026}
    body = {"pools": [pool | {"document_no": "1"}], "notice_working_days": "5"}
    wrong = {**round_fields(), **body, "cap": "0", "notice_working_days": "4"}
    form = RoundForm(wrong, programme=programme)
    assert not form.is_valid()
    assert set(form.errors) == {"cap", "notice_working_days"}
    round_ = make_round(code="taken")
    form = RoundForm({**round_fields(code="taken"), **body}, programme=programme)
    assert set(form.errors) == {"code"}
    assert RoundForm(
        {**round_fields(code="taken"), **body},
        programme=round_.programme,
        round_=round_,
    ).is_valid()


def test_longer_notice_makes_a_version_of_the_rules():
    programme = make_programme()
    plain = make_round(programme)
    longer = make_round(programme, notice_working_days=7)
    assert rules_of(plain).notice_working_days == 5
    assert rules_of(longer).notice_working_days == 7
    assert longer.rules.version == 2
    assert make_case(plain).rules_id == plain.rules_id


def test_round_denied_to_others():
    programme = make_programme()
    for role in ("head", "committee", "reviewer"):
        with pytest.raises(NotYours):
            create_round(programme, by=person(role, programme), **round_fields())
    foreign = person("funder", make_programme())
    with pytest.raises(NotYours):
        create_round(programme, by=foreign, **round_fields())


def test_operator_drafts_and_the_bureau_publishes():
    programme = make_programme()
    operator = person("operator", programme)
    round_ = create_round(programme, by=operator, **round_fields())
    with pytest.raises(NotYours):
        publish_round(round_, by=operator)
    publish_round(round_, by=person("funder", programme))
    with pytest.raises(WrongState):
        publish_round(round_, by=person("funder", programme))


def test_published_round_changes_its_ends_only():
    round_ = make_round()
    by = person("funder", round_)
    with pytest.raises(Invalid) as caught:
        update_round(round_, by=by, pool=Decimal("2000000.00"), title_zh="改名")
    assert set(caught.value.errors) == {"pool", "title_zh"}
    later = round_.ends_at + timedelta(days=30)
    update_round(round_, by=by, ends_at=later, pool=round_.pool)
    assert Round.objects.get(pk=round_.pk).ends_at == later
    with pytest.raises(Invalid):
        update_round(round_, by=by, review_ends_at=later + timedelta(days=1))


def test_unpublished_round_changes_altogether():
    round_ = make_round(published=False)
    update_round(
        round_,
        by=person("operator", round_),
        pool=Decimal("2000000.00"),
        notice_working_days=6,
    )
    round_ = Round.objects.get(pk=round_.pk)
    assert round_.pool == Decimal("2000000.00")
    assert rules_of(round_).notice_working_days == 6


# -- whose papers these are ---------------------------------------------------------


def test_papers_of_a_case_are_for_who_sees_it():
    case = make_case(until=Status.SCREENING)
    alice, operator = member(case.organisation), person("operator", case.round)
    for user in (alice, operator):
        assert registry.can_read(fresh(user), case.folder)
        assert registry.can_write(fresh(user), case.folder)
    foreign = person("operator", make_round())
    stranger = member(make_organisation())
    for user in (foreign, stranger):
        assert not registry.can_read(user, case.folder)
        assert not registry.can_write(user, case.folder)


def test_papers_of_a_draft_are_the_organisations_alone():
    case = make_case()
    assert registry.can_read(member(case.organisation), case.folder)
    assert not registry.can_read(person("operator", case.round), case.folder)


def test_papers_of_a_round_are_for_who_holds_something_in_it():
    round_ = make_round()
    assert registry.can_write(person("funder", round_), round_.folder)
    assert not registry.can_read(make_user(), round_.folder)
    assert not registry.can_read(person("funder", make_round()), round_.folder)


def test_roles_of_an_older_programme_may_take_new_actions():
    """As after an upgrade: what is missing is given, on record, and once."""
    ours, theirs = make_programme(), make_programme()
    funder = person("funder", ours)
    held = GroupObjectPermission.objects.filter(object_pk=str(ours.pk))
    before = held.count()
    with ambient_event():
        held.filter(permission__codename="terminate").delete()
    assert not has_permission(fresh(funder), "terminate", ours.pk)
    assert give_new_permissions(by="system:test") == 1
    assert has_permission(fresh(funder), "terminate", ours.pk)
    assert not has_permission(fresh(funder), "terminate", theirs.pk)
    assert held.count() == before
    assert give_new_permissions(by="system:test") == 0
