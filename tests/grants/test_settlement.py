"""The settlement sums exactly, on the case as in the list."""

from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from desk.lists.columns import Unit
from desk.lists.table import LISTS, save_choice, table_for
from grants.models import Case
from grants.settlement import FinalSettlement, settlement_sheet_of
from tests.factories.running import act_on, bring_to_audit, make_running_case

amounts = st.decimals(min_value=0, max_value=10_000_000, places=2)


@settings(max_examples=200, deadline=None)
@given(amounts, amounts, amounts, amounts, amounts)
def test_figures_sum_to_the_fen(award, own, paid, used, accepted):
    sheet = FinalSettlement(award, own, paid, Decimal("0.00"), used + own, accepted)
    assert sheet.paid + sheet.to_pay - sheet.to_return == sheet.due
    assert sheet.due + sheet.left == award
    assert min(sheet.to_pay, sheet.to_return) == 0
    if accepted <= sheet.reported:
        assert sheet.reported - sheet.cut == accepted
    assert 0 <= sheet.due <= award


@pytest.mark.django_db
@pytest.mark.parametrize("accepted", ["95000.55", "80000.01", "123456.78"])
def test_case_and_list_say_the_same(clock, accepted):
    clock.to("2021-07-01 09:00")
    project = make_running_case()
    act_on("record_expense", project.case, project.applicant, funded_by="SELF")
    bring_to_audit(project, clock)
    assert settlement_sheet_of(Case.objects.get(pk=project.case.pk)) is None
    project.do("file_audit_report", accepted_expenditure=accepted)
    sheet = settlement_sheet_of(Case.objects.get(pk=project.case.pk))
    assert (sheet.accepted, sheet.paid) == (Decimal(accepted), Decimal("90000.00"))
    assert sheet.reported == Decimal("90580.00")
    kind = LISTS["settlement"]
    save_choice(project.funder, kind, [c.key for c in kind.columns], Unit.YUAN)
    table, _form = table_for(project.funder, kind, {})
    (row,) = table.page(0, 5)
    cells = {c.key: c.of(row) for c in table.columns}
    names = ("self_raised", "reported", "cut", "due", "left", "to_pay", "to_return")
    assert {n: cells[n] for n in names} == {n: getattr(sheet, n) for n in names}
