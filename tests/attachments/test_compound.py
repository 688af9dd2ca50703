"""Our reader of compound files: it sees what another one sees, and in little memory."""

import io
import tracemalloc

import olefile
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from attachments.checks import check_upload
from attachments.compound import STREAM, Compound
from tests.attachments.compound import compound, with_tables_without_end
from tests.attachments.corpus import MIB, workbook
from tests.attachments.corpus_compound import LYING, with_package
from tests.attachments.files import ole, upload

pytestmark = pytest.mark.once

ROWS = bytes(range(256)) * 24_000  # six megabytes


def most_memory(name: str, content: bytes) -> tuple[int, str]:
    """The most memory that looking at it takes, in bytes, and what it is."""
    file = upload(name, content)
    tracemalloc.start()
    try:
        kind = check_upload(file)
    except ValidationError as refused:
        kind = str(refused.code)
    finally:
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most, kind


@pytest.mark.parametrize("bad", LYING, ids=lambda bad: bad.what)
def test_what_a_file_claims_takes_no_memory(bad):
    most, _kind = most_memory(bad.name, bad.data)
    assert most < MIB


def test_a_large_document_is_not_read_whole():
    most, kind = most_memory("a.doc", compound({"WordDocument": bytes(12) + ROWS}))
    assert kind == "application/msword"
    assert most < MIB


def test_a_document_whose_tables_need_tables_is_read_as_any():
    """From seven megabytes on the header has no room to name them."""
    streams = {"WordDocument": bytes(12) + ROWS * 4, "1Table": ROWS[:70_000]}
    content = compound(streams)
    ours, theirs = both(content)
    assert ours == theirs
    assert ours["WordDocument"].startswith(streams["WordDocument"])
    most, kind = most_memory("a.doc", content)
    assert kind == "application/msword"
    assert most < MIB


def test_of_a_large_workbook_only_its_records_are_read():
    rows = [(0x00FC, ROWS[:60_000])] * 100
    most, kind = most_memory("a.xls", workbook(*rows))
    assert kind == "application/vnd.ms-excel"
    assert most < MIB


def test_tables_that_lead_to_themselves_are_left_behind():
    """The document itself is whole; another reader would follow them for ever."""
    content = with_tables_without_end(ole("WordDocument"), 100_000_000)
    assert most_memory("a.doc", content)[0] < MIB


def both(content: bytes) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The streams at the top by our reader and by olefile."""
    ours = Compound(io.BytesIO(content))
    seen = {
        entry.name: ours.open(entry).read(entry.size)
        for entry in ours.entries()
        if entry.kind == STREAM and entry.depth == 1
    }
    with olefile.OleFileIO(io.BytesIO(content)) as theirs:
        other = {
            path[0]: theirs.openstream(path).read()
            for path in theirs.listdir()
            if len(path) == 1
        }
    return seen, other


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=31), st.binary(max_size=9000), max_size=9
    )
)
def test_it_reads_what_another_reader_reads(streams):
    ours, theirs = both(compound(streams))
    assert ours == theirs
    for name, body in streams.items():
        assert ours[name].startswith(body)


@pytest.mark.parametrize("name", ["附件：预算.xlsx", "申报书.pdf", "www.example.org"])
def test_a_file_that_is_none_of_these_may_be_in_a_document(name):
    content = with_package(name, b"PK\3\4 a.exe.txt")
    assert check_upload(upload("a.doc", content)) == "application/msword"


def test_reading_in_pieces_and_skipping_is_reading():
    content = compound({"Workbook": ROWS})
    document = Compound(io.BytesIO(content))
    (entry,) = document.entries()
    stream = document.open(entry)
    assert stream.read(700) == ROWS[:700]
    stream.skip(5000)
    assert stream.read(1000) == ROWS[5700:6700]
    stream.skip(len(ROWS))
    assert stream.read(1) == b""
