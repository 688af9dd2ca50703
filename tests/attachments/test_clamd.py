"""The scanner of `make services` answers and knows EICAR's test file."""

import socket
import struct

import pytest

from tests.attachments import files
from tests.attachments.files import archive
from tests.services import clamd_address, needs

pytestmark = [needs("clamd"), pytest.mark.once]


def scan(content: bytes) -> str:
    """clamd's verdict by INSTREAM: pieces with their length before them, then 0."""
    with socket.create_connection(clamd_address(), 10) as connection:
        connection.sendall(b"zINSTREAM\0")
        connection.sendall(struct.pack("!I", len(content)) + content)
        connection.sendall(struct.pack("!I", 0))
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    return answer.rstrip(b"\0").decode()


@pytest.mark.parametrize("content", [files.PDF, archive("a.txt")], ids=["pdf", "zip"])
def test_clean_file_is_let_through(content):
    assert scan(content) == "stream: OK"


@pytest.mark.parametrize(
    "content", [files.eicar(), files.eicar_in_a_zip()], ids=["raw", "zip"]
)
def test_eicar_is_found(content):
    assert scan(content) == "stream: Eicar-Test-Signature.UNOFFICIAL FOUND"
