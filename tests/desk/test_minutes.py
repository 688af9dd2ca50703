"""Minutes of a group's defences: written, corrected, printed, read."""

import uuid

import pytest

from attachments.models import Version
from grants.models import DefenceMinutes, DefenceNote
from grants.papers.issue import issue_round_paper
from tests.attachments.files import PDF, upload
from tests.costs import queries_of
from tests.papers.reading import READERS
from tests.workflows.driver import fresh, take


@pytest.fixture
def grouped(world):
    """Two cases of one group."""
    cases = [world.bring(world.draft(n), "SCREENING") for n in range(2)]
    for case in cases:
        take(world.item(case, "screen"), world["operator1"])
    take(world.item(None, "open_review"), world["operator1"])
    return cases


def paths(world, cases):
    pk = cases[0].seats.first().panel_id
    base = f"/rounds/{world.round.code}"
    return pk, f"{base}/groups/{pk}/", f"{base}/minutes/?group={pk}"


def body(pk, cases, **changes):
    notes = {}
    for number, case in enumerate(cases):
        row = f"notes-{number}"
        notes |= {
            f"{row}-case": case.code,
            f"{row}-questions": f"预算如何控制？{number}",
            f"{row}-answers": "每月公示。",
        }
    return {
        "group": pk,
        "present": "专家五人，监督员一人",
        "conclusion": "同意两个项目进入评分",
        "token": uuid.uuid4().hex,
    } | {**notes, **changes}


def test_minutes_are_written_read_printed_and_corrected(world, grouped, text):
    pk, group, url = paths(world, grouped)
    operator = world.enter("operator1")
    page = text(operator.get(url))
    reviewer = fresh(grouped[0].seats.get(number=1).reviewer)
    assert str(reviewer) in page  # who sits in the group begins the list
    for case in grouped:
        assert f"{case.code} {case.title}" in page
    sent = body(pk, grouped, scan=upload("scan.pdf", PDF))
    assert operator.post(url, sent)["Location"] == group
    page = text(operator.get(group))
    scan = Version.objects.get(document=DefenceMinutes.objects.get().scan)
    for words in ("专家五人", "同意两个项目", f"/documents/{scan.pk}/"):
        assert words in page
    again = body(pk, grouped[1:], conclusion="更正：只同意一个项目")
    assert operator.post(url, again)["Location"] == group
    minutes = DefenceMinutes.objects.get()
    assert (minutes.conclusion[:2], minutes.scan_id) == ("更正", scan.document_id)
    assert minutes.history.count() == 2
    assert DefenceNote.objects.count() == 2
    for fmt in ("pdf", "docx"):
        by = world["operator1"]
        paper = issue_round_paper(world.round, "defences", fmt, by=by, part=pk)
        printed = READERS[fmt](paper.content)
        for words in ("答辩记录", "预算如何控制？0", "每月公示。", "更正：只同意"):
            assert words in printed


def test_notes_are_read_where_the_reviews_are(world, grouped, text):
    pk, _group, url = paths(world, grouped)
    tab = f"/cases/{grouped[0].code}/reviews/"
    world.enter("operator1").post(url, body(pk, grouped))
    reviewer = fresh(grouped[0].seats.get(number=1).reviewer)
    page = text(world.enter("funder1").get(tab))
    assert "预算如何控制？0" in page
    assert "预算如何控制？1" not in page
    assert "同意两个项目" in page
    page = text(world.enter(reviewer).get(tab))
    assert "预算如何控制？0" in page
    assert "同意两个项目" not in page
    applicant = world.applicant_of(grouped[0])
    assert "预算如何控制？0" not in text(world.enter(applicant).get(tab))


def test_wrong_minutes_are_refused_and_nothing_is_lost(world, grouped, text):
    pk, _group, url = paths(world, grouped)
    operator = world.enter("operator1")
    answer = operator.post(url, body(pk, grouped, present=""))
    assert answer.status_code == 422
    page = text(answer)
    assert 'id="id_present-error"' in page
    assert "预算如何控制？1" in page
    other = world.bring(world.draft(2), "SCREENING")
    wrong = body(pk, [grouped[0], other])
    assert operator.post(url, wrong).status_code == 422
    assert not DefenceMinutes.objects.exists()
    assert operator.get(url.replace(str(pk), "0")).status_code == 404
    assert world.enter("funder1").get(url).status_code == 403


def test_group_page_costs_the_same_with_one_and_two_notes(world, grouped):
    pk, group, url = paths(world, grouped)
    operator = world.enter("operator1")
    operator.post(url, body(pk, grouped[:1]))
    one = queries_of(operator, group), queries_of(operator, url)
    operator.post(url, body(pk, grouped))
    assert (queries_of(operator, group), queries_of(operator, url)) == one
    assert one == (12, 12)
