"""Taking a finished file: with the rights of now, on record, and never with a virus."""

import io
import json
import zipfile

import pytest
from django.test import Client

from attachments.models import ScanState, Version
from attachments.services import add_document, open_folder
from attachments.storage import get_storage
from audit.models import Event
from audit.testing import ambient_event
from desk import exports, taking
from desk.lists.table import LISTS, table_for
from desk.models import Export
from grants.models import Role
from grants.services.programmes import grant_role, revoke_role
from tests.attachments.files import PDF, upload
from tests.desk.test_filing import take_seat
from tests.desk.test_second_factor import PASSWORD, forget, sets_up
from tests.factories.running import Running, fresh, make_running_case

pytestmark = [pytest.mark.django_db, pytest.mark.once]
BY = "system:test"


@pytest.fixture
def project(clock, settings, tmp_path) -> Running:
    settings.MEDIA_ROOT = tmp_path / "documents"
    clock.to("2026-07-01 09:00")
    with ambient_event():
        running = make_running_case()
    file = upload("章程.pdf", PDF)
    add_document(running.case.folder, kind="charter", upload=file, by=running.applicant)
    return running


def enter(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    with ambient_event():
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def ask(project: Running, kind: str) -> tuple[Export, str]:
    """Have a file of a kind made; who asked for it, by role."""
    code, who = project.case.code, "funder"
    if kind == "DOSSIER":
        who = "auditor"
        exports.ask_dossier(project.auditor, "case", code)
    elif kind == "PERIOD":
        who = "auditor"
        sent = {"since": "2026-06-01", "until": "2026-07-01", "programme": ""}
        assert enter(project.auditor).post("/audit/dossier/", sent).status_code == 302
    elif kind == "ROUND":
        who = "auditor"
        exports.ask_dossier(project.auditor, "round", project.round.code)
    elif kind == "CASE":
        assert enter(project.funder).post(f"/cases/{code}/bundle/").status_code == 302
    else:
        table, _form = table_for(project.funder, LISTS["register"], {})
        exports.ask(project.funder, kind, table, {})
    assert exports.sweep() == 1
    return Export.objects.latest("pk"), who


def fetch(project: Running, export: Export, who: str):
    answer = enter(getattr(project, who)).get(f"/exports/{export.pk}/")
    if answer.streaming:
        assert len(b"".join(answer.streaming_content)) == export.size
    return answer


KINDS = ("LIST", "BUNDLE", "CASE", "DOSSIER", "ROUND", "PERIOD")


@pytest.mark.parametrize("kind", KINDS)
def test_each_taking_is_an_event_and_asks_for_the_role_again(project, kind):
    export, who = ask(project, kind)
    took = Event.objects.filter(verb="read", line__contains=f':{export.pk}"')
    for times in (1, 2):
        assert fetch(project, export, who).status_code == 200
        assert took.count() == times
    role = Role(who)
    revoke_role(project.programme, role, fresh(project.people[who]), by=BY)
    answer = fetch(project, export, who)
    assert answer.status_code == 404
    assert took.count() == 2
    refused = Event.objects.get(verb="refused:take_export")
    assert json.loads(refused.line)["actor"] == f"user:{export.user_id}"
    grant_role(project.programme, role, fresh(project.people[who]), by=BY)
    assert fetch(project, export, who).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_who_keeps_the_role_but_not_the_case_takes_nothing_of_it(project, kind):
    export, who = ask(project, kind)
    take_seat(project, project.people[who], "CONFLICT")
    assert fetch(project, export, who).status_code == 404


def test_list_with_columns_that_one_may_no_more_read_is_not_given(project):
    export, _who = ask(project, "LIST")
    Export.objects.filter(pk=export.pk).update(
        holds=export.holds | {"columns": [*export.holds["columns"], "no_more"]}
    )
    assert fetch(project, export, "funder").status_code == 404


def test_file_of_an_earlier_release_is_asked_for_again(project):
    export, _who = ask(project, "LIST")
    Export.objects.filter(pk=export.pk).update(holds={})
    assert fetch(project, export, "funder").status_code == 404


def test_zip_with_a_folder_that_one_may_no_more_read_is_not_given(project):
    export, who = ask(project, "CASE")
    (own,) = export.holds["folders"]
    assert own == project.case.folder_id
    with ambient_event():
        other = open_folder("objection", stream=project.case.folder.stream)
    held = export.holds | {"folders": [own, other.pk]}
    Export.objects.filter(pk=export.pk).update(holds=held)
    assert fetch(project, export, who).status_code == 404
    Export.objects.filter(pk=export.pk).update(holds=export.holds)
    assert fetch(project, export, who).status_code == 200


def infect(version: Version) -> None:
    with ambient_event():
        Version.objects.filter(pk=version.pk).update(
            scan_state=ScanState.INFECTED, threat="Eicar"
        )


@pytest.mark.parametrize("kind", ["BUNDLE", "CASE", "DOSSIER", "ROUND", "PERIOD"])
@pytest.mark.parametrize("first", ["sweep", "fetch"])
def test_file_that_holds_an_infected_version_is_dropped_and_made_anew(
    project, kind, first, text
):
    export, who = ask(project, kind)
    version = Version.objects.get(name="章程.pdf")
    infect(version)
    storage = get_storage()
    assert storage.exists(export.storage_key)
    if first == "fetch":
        client = enter(getattr(project, who))
        answer = client.get(f"/exports/{export.pk}/", follow=True)
        assert "A virus was found in a document that this file held." in text(answer)
    else:
        assert taking.drop_infected() == 1
    assert not storage.exists(export.storage_key)
    assert fetch(project, export, who).status_code == 404
    assert Event.objects.filter(verb="drop_export").count() == 1
    assert exports.sweep() == 1
    again = Export.objects.get(pk=export.pk)
    assert again.storage_key not in ("", export.storage_key)
    answer = enter(getattr(project, who)).get(f"/exports/{export.pk}/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as bundle:
        stored = [bundle.read(name) for name in bundle.namelist()]
    assert PDF not in stored
    assert exports.sweep() == 0, "what is left out from the beginning drops nothing"
    assert taking.drop_infected() == 0


def test_other_cases_files_stay(project):
    export, _who = ask(project, "CASE")
    other = make_running_case()
    file = upload("b.pdf", PDF)
    paper = add_document(
        other.case.folder, kind="other", upload=file, by=other.applicant
    )
    infect(paper.versions.get())
    assert taking.drop_infected() == 0
    assert fetch(project, export, "funder").status_code == 200


def test_list_is_only_words(project):
    ask(project, "LIST")
    infect(Version.objects.get(name="章程.pdf"))
    assert taking.drop_infected() == 0


def test_dossier_asks_for_the_second_factor_before_it_is_taken(project, settings):
    export, _who = ask(project, "DOSSIER")
    settings.MFA_REQUIRED = True
    auditor = project.auditor
    with ambient_event():
        auditor.set_password(PASSWORD)
        auditor.save()
    client, _secret = sets_up(auditor)
    forget(client, 3600)
    taken = Event.objects.filter(verb="read", line__contains=f"dossier:{export.pk}")
    answer = client.get(f"/exports/{export.pk}/")
    assert answer.status_code == 302
    assert "/factor/again/" in answer["Location"]
    assert not taken.exists()
    forget(client, -3600)
    answer = client.get(f"/exports/{export.pk}/")
    assert len(b"".join(answer.streaming_content)) == export.size
    assert taken.count() == 1
