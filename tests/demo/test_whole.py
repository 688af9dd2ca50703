"""The whole demo: every status, the round of 2021 to the fen."""

from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.utils import translation
from django.utils.timezone import now
from openpyxl import load_workbook

from desk.demo.bodies import ONE_DESK
from desk.demo.keeping import PRINTER
from desk.lists.columns import Unit
from desk.lists.table import LISTS, save_choice, table_for
from desk.lists.xlsx import write_xlsx
from desk.signals.base import Facts
from desk.signals.contacts import shared_contacts
from desk.signals.splitting import split_amounts
from grants.ledger import ledgers_of
from grants.lifecycle import RUNNING
from grants.models import (
    Case,
    ChangeRequest,
    Expense,
    Hold,
    HoldKind,
    Programme,
    Reopening,
    Status,
)
from grants.paper_rules import PaperStage
from grants.requirements import PaperState, papers_of_cases
from organisations.models import User
from tests.office import convert
from tests.services import missing, no_skips
from workflows.models import Task, WorkItem

pytestmark = [pytest.mark.once, pytest.mark.slow(400), pytest.mark.xdist_group("demo")]


def test_demo_has_a_case_in_every_status_that_the_road_reaches(in_demo, tmp_path):
    found = set(Case.objects.values_list("status", flat=True))
    assert set(Status) <= found
    holds = Hold.objects.filter(lifted_at=None).values_list("kind", flat=True)
    assert set(holds) == {
        HoldKind.OBJECTION,
        HoldKind.RECTIFICATION,
        HoldKind.CHANGE,
        HoldKind.SUSPENSION,
    }
    assert_ledgers_are_kept()
    assert_an_auditor_finds_what_was_planted()
    assert_papers_are_there_missing_and_expired()
    assert Reopening.objects.get().status == "CONFIRMED"
    assert set(ChangeRequest.objects.values_list("status", flat=True)) == {
        "REQUESTED",
        "APPROVED",
    }
    assert WorkItem.objects.filter(closed_at=None, due_at__lt=now()).exists()
    assert not Task.objects.filter(failures__gt=0).exists()
    assert not Case.objects.filter(created_at__gt=now()).exists()
    opened = Case.objects.filter(round__closes_at__gt=now())
    assert opened.filter(status=Status.DRAFT).exists()

    with translation.override("zh-hans"):
        assert_register_of_2021(tmp_path)

    again = StringIO()
    call_command("seed_demo", stdout=again)
    assert Programme.objects.count() == 1
    assert "steps" not in again.getvalue()
    assert "applicant1" in again.getvalue()


def assert_an_auditor_finds_what_was_planted():
    """A printer who is paid in parts, and two organisations with one telephone."""
    facts = Facts(Case.objects.all())
    assert [f for f in split_amounts(facts) if PRINTER in f.summary]
    shared = [f for f in shared_contacts(facts) if len(f.cases) > 1]
    assert [f for f in shared if all(name in f.summary for name in ONE_DESK)]


def assert_papers_are_there_missing_and_expired():
    """Of the running projects, some filed all papers of their application."""
    running = Case.objects.filter(round__year__gt=2021).select_related("round")
    filed = [
        [p.state for p in papers.of(PaperStage.APPLICATION)]
        for papers in papers_of_cases(running).values()
    ]
    assert any(PaperState.MISSING not in states for states in filed)
    assert any(states.count(PaperState.MISSING) == 1 for states in filed)
    assert any(PaperState.EXPIRED in states for states in filed)


def assert_ledgers_are_kept():
    """Each running project has entries, and spent within its budget heads."""
    running = Case.objects.filter(status__in=RUNNING, round__year__gt=2021)
    ledgers = ledgers_of(running.values_list("pk", flat=True))
    assert len(ledgers) >= 8
    for ledger in ledgers.values():
        assert ledger.activities >= 2
        assert ledger.spent_of_grant > 0
        assert not ledger.over
    assert not Expense.objects.filter(proof=None).exists()


def assert_register_of_2021(tmp_path):
    """Its 88 awards, to the fen, on the page's sums and in the spreadsheet."""
    funder = User.objects.get(username="funder1")
    year, kind = {"round": "gyct-2021"}, LISTS["register"]
    save_choice(funder, kind, [c.key for c in kind.columns], Unit.YUAN)
    table, _form = table_for(funder, kind, year)
    assert table.count() == 88
    assert table.totals()["awarded"] == Decimal("14139460.00")
    archived = Case.objects.filter(round__code="gyct-2021", status=Status.ARCHIVED)
    assert archived.count() >= 80
    assert Case.objects.filter(round__code="gyct-2021").count() == 118
    file = BytesIO()
    assert write_xlsx(table, file) == 88
    content = file.getvalue()
    assert_sheet(load_workbook(BytesIO(content), data_only=True).active)
    if missing("libreoffice") == "" or no_skips():
        again = convert(content, "register.xlsx", tmp_path, "xlsx")
        assert_sheet(load_workbook(BytesIO(again), data_only=True).active)


def assert_sheet(sheet):
    """Three lines above, 88 rows of numbers, their sum."""
    heads = [cell.value for cell in sheet[3]]
    column = next(i for i, head in enumerate(heads) if head.startswith("资助金额"))
    cells = [sheet.cell(row, column + 1) for row in range(4, 92)]
    assert {cell.data_type for cell in cells} == {"n"}
    assert sum(Decimal(str(cell.value)) for cell in cells) == Decimal("14139460.00")
    assert sheet.cell(92, 1).value == "合计"
    assert sheet.cell(92, column + 1).value == 14139460
    assert sheet.max_row == 92
