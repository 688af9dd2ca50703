"""A small time stamping authority (RFC 3161) on 127.0.0.1, for tests.

Its key and certificates are made by the library that signs checkpoints, its answers
by OpenSSL: neither is the library that the product asks and checks with.
"""

import datetime as dt
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CONFIGURATION = """
[tsa]
default_tsa = ours
[ours]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
"""
Answer = Callable[[bytes], bytes]


@dataclass
class Authority:
    """A running authority. ``answer`` may be replaced by one that errs."""

    url: str
    folder: Path
    answer: Answer
    asked: int = 0

    @property
    def certificates(self) -> Path:
        """Of whom to trust (PEM)."""
        return self.folder / "root.pem"

    def stamp(self, query: bytes) -> bytes:
        """A true answer."""
        (self.folder / "query.tsq").write_bytes(query)
        out = self.folder / "answer.tsr"
        command = ["openssl", "ts", "-reply", "-config", str(self.folder / "tsa.cnf")]
        command += ["-queryfile", str(self.folder / "query.tsq"), "-out", str(out)]
        subprocess.run(command, check=True, capture_output=True)
        return out.read_bytes()


def make_certificates(folder: Path) -> None:
    """A root, and a certificate of the authority under it."""
    now = dt.datetime.now(dt.UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), None
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root of the tests")])
    for name in ("root", "tsa"):
        key = root_key if name == "root" else ec.generate_private_key(ec.SECP256R1())
        common = issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
        subject = issuer
        if name == "tsa":
            text = f"Authority under {common[0].value}"
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=3650))
            .not_valid_after(now + dt.timedelta(days=3650))
            .add_extension(x509.BasicConstraints(name == "root", None), critical=True)
        )
        if name == "tsa":
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        made = builder.sign(root_key, hashes.SHA256())
        (folder / f"{name}.pem").write_bytes(made.public_bytes(form.Encoding.PEM))
        text = key.private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
        )
        (folder / f"{name}.key").write_bytes(text)


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """An authority that answers until the end of the block."""
    make_certificates(folder)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            ours.asked += 1
            query = self.rfile.read(int(self.headers["Content-Length"]))
            content = ours.answer(query)
            self.send_response(200 if content else 503)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    ours = Authority(f"http://127.0.0.1:{server.server_port}/", folder, lambda q: b"")
    ours.answer = ours.stamp
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield ours
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
