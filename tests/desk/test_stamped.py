"""Time stamps on the auditor's desk and in a dossier."""

import io
from collections.abc import Iterator

import pytest
from django.utils import translation

from audit import checkpoints, keys
from audit.stamps import stamp_newest, try_to_stamp
from audit.standalone import verify_dossier as form
from desk.dossier_subject import case_subject
from desk.dossiers import write_dossier
from grants.models import Case
from tests.audit.authority import Authority, authority

from .conftest import World
from .forging import WHOLE, Forged, verified
from .test_oversight import words


@pytest.fixture
def tsa(tmp_path, settings) -> Iterator[Authority]:
    settings.CHECKPOINT_FOLDER = tmp_path / "checkpoints"
    settings.CHECKPOINT_PUBLIC_KEYS = [keys.make(tmp_path / "key")]
    settings.CHECKPOINT_KEY_FILE = str(tmp_path / "key")
    with authority(tmp_path) as running:
        settings.TIMESTAMP_URL = running.url
        settings.TIMESTAMP_CERTIFICATES = str(running.certificates)
        yield running


@pytest.fixture
def case(world: World) -> Case:
    return world.bring(world.draft(), "SCREENING")


def desk(world: World) -> str:
    return words(world.enter("auditor1").get("/audit/"))


def test_the_desk_says_what_was_stamped_and_what_was_not(world, case, tsa):
    checkpoints.make(keys.load())
    assert "The last one has no time stamp" in desk(world)
    stamp_newest()
    page = desk(world)
    assert "A third party stamped number 1 at" in page
    assert "has no time stamp" not in page
    tsa.answer = lambda query: b""
    checkpoints.make(keys.load())
    assert try_to_stamp()
    page = desk(world)
    assert "A third party stamped number 1 at" in page
    assert "The last one has no time stamp" in page


def test_where_nobody_is_asked_the_desk_says_nothing_of_it(world, case):
    assert "time stamp" not in desk(world)
    assert "third party" not in desk(world)


@pytest.fixture
def forged(case: Case, tsa: Authority) -> Forged:
    checkpoints.make(keys.load())
    stamp_newest()
    file = io.BytesIO()
    with translation.override("en"):
        write_dossier(case_subject(case), file, by="system:test", language="en")
    return Forged(file.getvalue())


STAMP = form.stamp_path(1)


def test_a_dossier_holds_the_stamps_of_its_checkpoints(forged, tmp_path):
    told = verified(forged.save(tmp_path / "a.zip"))
    assert (told.code, told.findings) == (WHOLE, set()), told.text
    assert "time stamps against their checkpoints: 1" in told.text
    assert f"-in {STAMP} -CAfile" in told.text, "how to check who signed it"


def of_another(forged: Forged) -> None:
    content = bytearray(forged.files[STAMP])
    digest, _moment = form.stamp_of(bytes(content))
    at = bytes(content).index(digest)
    content[at] ^= 1
    forged.files[STAMP] = bytes(content)


def of_no_checkpoint(forged: Forged) -> None:
    forged.files[form.stamp_path(2)] = forged.files.pop(STAMP)


def older_than_it(forged: Forged) -> None:
    content = forged.files[STAMP]
    _digest, moment = form.stamp_of(content)
    year = moment.strftime("%Y").encode()
    place = content.index(year + moment.strftime("%m%d%H%M%S").encode())
    forged.files[STAMP] = content[:place] + b"2001" + content[place + 4 :]


def cut(forged: Forged) -> None:
    forged.files[STAMP] = forged.files[STAMP][:40]


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (of_another, "stamp"),
        (of_no_checkpoint, "stamp"),
        (older_than_it, "stamp"),
        (cut, "malformed"),
    ],
)
def test_what_is_no_stamp_of_it_is_named(plant, kind, forged, tmp_path):
    plant(forged)
    told = verified(forged.save(tmp_path / "a.zip"))
    assert told.code == 1
    assert {found for found, _place in told.findings} == {kind}
