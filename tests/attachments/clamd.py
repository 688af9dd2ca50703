"""A scanner for tests: speaks clamd's INSTREAM on a socket, as far as it is used."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from attachments.management.commands.check_scanner import beyond_limits
from tests.attachments.files import eicar


class FakeClamd(socketserver.ThreadingTCPServer):
    """Finds EICAR's file; ``answer`` says something else, ``limit`` hangs up."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answer: bytes | None = None
        self.limit = 100 * 1024 * 1024
        self.alerts = True  # AlertExceedsMax
        self.scanned: list[bytes] = []
        self.largest_chunk = 0

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.server_address[1]}"


class _Conversation(socketserver.StreamRequestHandler):
    server: FakeClamd

    def handle(self) -> None:
        command = self._word()
        if command == b"zVERSION":
            self.wfile.write(b"FakeClamd 1\0")
        elif command == b"zINSTREAM":
            self._instream()

    def _word(self) -> bytes:
        said = b""
        while not said.endswith(b"\0") and (letter := self.rfile.read(1)):
            said += letter
        return said.rstrip(b"\0")

    def _instream(self) -> None:
        content = b""
        while True:
            (length,) = struct.unpack("!I", self.rfile.read(4))
            if not length:
                break
            self.server.largest_chunk = max(self.server.largest_chunk, length)
            content += self.rfile.read(length)
            if len(content) > self.server.limit:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.scanned.append(content)
        verdict = b"stream: OK\0"
        if eicar() in content:
            verdict = b"stream: Eicar-Test-Signature FOUND\0"
        if self.server.alerts and content == beyond_limits():
            verdict = b"stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND\0"
        self.wfile.write(
            self.server.answer if self.server.answer is not None else verdict
        )


@contextmanager
def fake_clamd() -> Iterator[FakeClamd]:
    with FakeClamd() as server:
        thread = threading.Thread(
            target=server.serve_forever, args=(0.05,), daemon=True
        )
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
