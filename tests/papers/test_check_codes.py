"""Check codes: the sealed paper is held against the system."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.testing import ambient_event
from grants.models import Case
from grants.papers.application_form import checked
from grants.services.applying import stored_values
from grants.services.submitted import READABLE, digest_of, typed_code
from tests.factories import act_on, make_case, make_round, person

pytestmark = pytest.mark.once

codes = st.text(READABLE, min_size=12, max_size=12)


@given(codes)
def test_typed_codes_are_forgiven_what_is_misread(code):
    shown = "-".join(code[at : at + 4] for at in (0, 4, 8))
    assert typed_code(shown) == shown
    assert typed_code(f"  {code.lower()} ") == shown
    misread = code.replace("0", "o").replace("1", "l")
    assert typed_code(misread) == shown


@pytest.mark.django_db
def test_stored_and_typed_values_have_one_digest():
    case = make_case(until="SCREENING")
    form = case.submitted_forms.get()
    again = Case.objects.get(pk=case.pk)
    assert digest_of(again, stored_values(again)) == form.digest
    assert form.number == 1


@pytest.mark.django_db
def test_code_tells_the_earlier_version_from_the_later():
    round_ = make_round()
    case = make_case(round_, until="SCREENING")
    operator, officer = person("operator", round_), person("funder", round_)
    first = case.submitted_forms.get()
    assert checked(first.code, officer).is_latest
    act_on(
        "screen",
        case,
        by=operator,
        outcome="CORRECTION",
        fields=["plan"],
        reason="补充",
    )
    applicant = case.organisation.memberships.get(role="applicant").user
    act_on("resubmit", case, by=applicant, plan="改后的实施计划")
    second = case.submitted_forms.get(number=2)
    assert second.code != first.code
    assert not checked(first.code, officer).is_latest
    now_ = checked(second.code, officer)
    assert (now_.is_latest, now_.is_unchanged) == (True, True)
    with ambient_event():
        case.application.__class__.objects.filter(case=case).update(plan="悄悄改了")
    later = checked(second.code, officer)
    assert (later.is_latest, later.is_unchanged) == (True, False)


@pytest.mark.django_db
def test_codes_of_cases_out_of_sight_are_unknown():
    case = make_case(until="SCREENING")
    elsewhere = person("funder", make_round())
    code = case.submitted_forms.get().code
    assert checked(code, elsewhere) is None
    assert checked("", person("funder", case.round)) is None
    assert checked("🙂" * 80, person("funder", case.round)) is None
