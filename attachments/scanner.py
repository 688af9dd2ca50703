"""Asking ClamAV's daemon about a file, by INSTREAM, in pieces.

``CLAMD_URL`` is ``tcp://host:port`` or ``unix:///path/to/socket``. Only the exact
words "stream: OK" are a clean bill; whatever else comes back is none.
"""

import socket
import struct
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

CHUNK = 256 * 1024  # bytes sent at a time
CONNECT, ANSWER = 5, 120  # seconds; unpacking a large archive takes its time
USUAL_PORT = 3310
LONGEST = 4096  # bytes of an answer
NAME_LENGTH = 200  # characters of a threat's name that are kept
#: clamd's word for a file beyond its own limits (AlertExceedsMax): not looked at.
BEYOND_LIMITS = "Heuristics.Limits.Exceeded"
TOO_LONG = "size limit exceeded"  # above StreamMaxLength: it hangs up


class ScannerUnavailable(Exception):
    """The scanner does not answer; nothing is known about the file."""


class NotScannable(Exception):
    """The scanner answered that it could not look at this file."""


def is_configured() -> bool:
    """Whether the settings name a scanner."""
    return bool(settings.CLAMD_URL)


def most() -> int | None:
    """The largest file in bytes that the scanner looks at, None where none is known."""
    return (settings.CLAMD_MAX_BYTES or None) if is_configured() else None


def is_beyond(error: str) -> bool:
    """Whether clamd's word for its failure is that a file is beyond its limits."""
    return BEYOND_LIMITS in error or TOO_LONG in error


def scan(content: IO[bytes]) -> str:
    """The name of the threat found in a file, "" for a clean one.

    ScannerUnavailable when it cannot be reached; NotScannable when it gave no
    verdict on this file: too large for it, too slow, or it hung up.
    """
    answer = _ask(content)
    if answer == "stream: OK":
        return ""
    name = answer.removeprefix("stream: ").removesuffix(" FOUND")
    if not answer.endswith(" FOUND") or name.startswith(BEYOND_LIMITS):
        raise NotScannable(answer[:NAME_LENGTH])
    return name[:NAME_LENGTH]


def ping() -> str:
    """The scanner's version; ScannerUnavailable when it does not answer."""
    with _connected() as connection:
        try:
            connection.sendall(b"zVERSION\0")
            said = _answer(connection)
        except OSError as error:
            raise ScannerUnavailable(f"clamd does not answer: {error}") from error
    if not said:
        raise ScannerUnavailable("clamd hung up without an answer")
    return said


def _ask(content: IO[bytes]) -> str:
    with _connected() as connection:
        try:
            _send(connection, b"zINSTREAM\0")
            while chunk := content.read(CHUNK):
                _send(connection, struct.pack("!I", len(chunk)) + chunk)
            _send(connection, struct.pack("!I", 0))
        except _HungUp:
            pass  # it says why before it closes: a file above its limit
        try:
            said = _answer(connection)
        except OSError as error:
            raise NotScannable(f"clamd gave no answer: {error}") from error
    if not said:
        raise NotScannable("clamd hung up without an answer")
    return said


class _HungUp(Exception):
    """The scanner stopped listening while the file was being sent."""


def _connected() -> socket.socket:
    address = urlsplit(settings.CLAMD_URL)
    try:
        if address.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(CONNECT)
            connection.connect(address.path)
        else:
            host = address.hostname or "127.0.0.1"
            connection = socket.create_connection(
                (host, address.port or USUAL_PORT), CONNECT
            )
    except OSError as error:
        raise ScannerUnavailable(f"clamd cannot be reached: {error}") from error
    connection.settimeout(ANSWER)
    return connection


def _send(connection: socket.socket, data: bytes) -> None:
    """Send, telling the scanner's hanging up from errors of reading the file."""
    try:
        connection.sendall(data)
    except OSError as error:
        raise _HungUp from error


def _answer(connection: socket.socket) -> str:
    """What it says until it closes or ends the line."""
    said = b""
    while len(said) < LONGEST and not said.endswith(b"\0"):
        piece = connection.recv(LONGEST)
        if not piece:
            break
        said += piece
    return said.strip(b"\0\n ").decode("utf-8", "replace")
