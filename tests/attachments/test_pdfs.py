"""A PDF is never read into our memory, whatever it says of itself."""

import io
import tracemalloc
import zlib
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files import File
from pypdf import PdfWriter

from attachments import pdfs
from attachments.checks import MOST, check_upload
from tests.attachments.corpus import MIB

pytestmark = pytest.mark.once


def protected(password: str, *, padding: int = 0, whole: bool = True) -> bytes:
    """A PDF that the owner alone may print; without ``whole`` its table is lost."""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt(password, "owner", algorithm="AES-128")
    target = io.BytesIO()
    writer.write(target)
    content = target.getvalue()
    body, _at = content.rsplit(b"startxref", 1)
    if whole:
        return content
    return body + b" " * padding + b"startxref\n7\n%%EOF\n"


def looked_at(path: Path) -> tuple[str, int]:
    """What became of it, and the most memory that it took, in bytes."""
    with path.open("rb") as opened:
        file = File(opened, "a.pdf")
        file.size = path.stat().st_size
        setattr(file, MOST, 2**40)
        tracemalloc.start()
        try:
            kind = check_upload(file)
        except ValidationError as refused:
            kind = str(refused.code)
        finally:
            _now, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
    return kind, most


def test_a_broken_table_does_not_have_it_read_whole(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(protected("", padding=16 * MIB, whole=False))
    kind, most = looked_at(path)
    assert kind in ("application/pdf", "upload_encrypted")
    assert most < 3 * MIB


@pytest.mark.parametrize(
    ("password", "kind"), [("", "application/pdf"), ("secret", "upload_encrypted")]
)
def test_the_password_is_tried_in_a_process_of_its_own(tmp_path, password, kind):
    path = tmp_path / "a.pdf"
    path.write_bytes(protected(password))
    told, most = looked_at(path)
    assert told == kind
    assert most < 3 * MIB


def test_what_unpacks_to_more_than_there_is_ends_there(tmp_path, monkeypatch):
    """A table of references that is packed a thousand times smaller than it is."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(16 * MIB)) for _ in range(60))
    packed += packer.flush()
    begin = b"%PDF-1.7\n"
    table = (
        b"1 0 obj<</Type/XRef/Size 400000000/W[1 4 1]/Root 2 0 R/Encrypt 3 0 R"
        b"/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    )
    path = tmp_path / "a.pdf"
    end = b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % len(begin)
    path.write_bytes(begin + table + packed + end)
    monkeypatch.setattr(pdfs, "SECONDS", 2)
    kind, most = looked_at(path)
    assert kind == "upload_encrypted"
    assert most < 3 * MIB
