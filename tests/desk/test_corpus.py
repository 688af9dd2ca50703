"""Harmful files end at the door, by the API and by the page, and leave nothing."""

import base64
import copy

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from attachments.models import Document
from attachments.services import store_upload
from audit.testing import ambient_event
from grants.models import ProgrammeRules, Round
from tests.attachments.corpus import BOMBS, MACROS, WITH_MACROS
from tests.attachments.files import upload
from tests.attachments.hostile import EVERYTHING

pytestmark = pytest.mark.once

LARGEST_IN_JSON = 4 * 1024 * 1024  # bytes; a larger body of JSON is not read


def test_none_of_them_passes_the_api(world, subtests, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"
    case = world.draft()
    client = world.enter(world.applicant_of(case))
    for bad in EVERYTHING:
        body = {
            "name": bad.name,
            "content_base64": base64.b64encode(bad.data).decode(),
        }
        kind = {"content_type": "application/json"}
        if len(bad.data) > LARGEST_IN_JSON:
            body, kind = {"file": upload(bad.name, bad.data)}, {}
        with subtests.test(bad.what):
            answer = client.post(f"/api/v1/cases/{case.code}/documents", body, **kind)
            assert answer.status_code == 422
            assert answer.json()["fields"] == {"__all__": [bad.refusal]}
    assert not Document.objects.exists()
    assert not settings.MEDIA_ROOT.exists()


def test_page_says_why_beside_the_file_and_keeps_what_was_typed(world, text):
    case = world.draft()
    client = world.enter(world.applicant_of(case))
    bad = BOMBS[0]
    answer = client.post(
        f"/cases/{case.code}/documents/add/",
        {"upload": upload(bad.name, bad.data), "kind": "other", "title": "Statutes"},
    )
    assert answer.status_code == 422
    page = text(answer)
    assert bad.refusal in page
    assert 'id="id_upload-error"' in page
    assert 'value="Statutes"' in page
    assert not Document.objects.exists()


@pytest.mark.parametrize("rule", [None, "refuse", "accept"])
def test_macros_are_taken_where_the_rules_of_the_case_say_so(world, text, rule):
    case = world.draft()
    data = copy.deepcopy(case.rules.data)
    data["documents"] = {"macros": rule}
    if rule is None:
        del data["documents"]  # a version older than this rule
    with ambient_event():
        rules = ProgrammeRules.objects.create(
            programme=world.house.programme, version=99, data=data
        )
        for owner in (case, world.round):
            type(owner).objects.filter(pk=owner.pk).update(rules=rules)
    client = world.enter(world.applicant_of(case))
    answer = client.post(
        f"/cases/{case.code}/documents/add/",
        {"upload": upload("预算.xlsm", WITH_MACROS[2].data), "kind": "other"},
    )
    folder = Round.objects.get(pk=world.round.pk).folder
    paper = upload("minutes.xlsm", WITH_MACROS[2].data)
    if rule == "accept":
        assert answer.status_code == 302
        assert store_upload(folder, paper).content_type.endswith("macroenabled.12")
        return
    assert answer.status_code == 422
    assert MACROS in text(answer)
    with pytest.raises(ValidationError, match="macros"), translation.override("en"):
        store_upload(folder, paper)
    assert not Document.objects.exists()
