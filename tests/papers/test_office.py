"""An office program opens the editable papers and shows their figures."""

from decimal import Decimal
from pathlib import Path

import pytest

from grants.models import Case
from grants.money import capitals, yuan
from grants.papers.issue import issue_case_paper, issue_round_paper
from tests.factories import bring, make_case, make_round, person
from tests.office import convert
from tests.papers.reading import pdf_text
from tests.services import needs

pytestmark = [pytest.mark.django_db, pytest.mark.once, needs("libreoffice")]


def converted(content: bytes, name: str, folder: Path) -> str:
    """The text of a document after LibreOffice made a PDF of it."""
    return pdf_text(convert(content, name, folder, "pdf"))


def test_every_docx_opens_in_an_office_program(clock, tmp_path):
    clock.to("2021-03-08 09:00")
    round_ = make_round(code="y2021")
    case: Case = make_case(round_, until="SCORED")
    by = person("funder", round_)
    part = case.seats.first().panel_id
    papers = {}
    for code in ("scores", "draw-record", "sign-in", "fees"):
        papers[code] = issue_round_paper(round_, code, "docx", by=by, part=part)
    case = bring(case, "DECIDED")
    for code in ("request", "minutes", "notice"):
        papers[code] = issue_round_paper(round_, code, "docx", by=by)
    case = bring(case, "AGREEMENT", clock=clock)
    papers["award-notice"] = issue_round_paper(round_, "award-notice", "docx", by=by)
    for code in ("approval", "agreement"):
        papers[code] = issue_case_paper(case, code, "docx", by=by)
    texts = {
        code: converted(paper.content, paper.name, tmp_path)
        for code, paper in papers.items()
    }
    assert Decimal(case.awarded) > 0
    for code in ("request", "minutes", "award-notice", "approval", "agreement"):
        assert capitals(case.awarded) in texts[code], code
        assert "第1页共" in texts[code], code
    for code in ("scores", "agreement", "award-notice"):
        assert yuan(case.awarded) in texts[code], code
    for code in ("draw-record", "sign-in", "fees"):
        assert str(case.seats.first().reviewer) in texts[code], code
    assert "公示期为5个工作日" in texts["notice"]
