"""The keys that sign checkpoints (Ed25519).

The private one lies in a file that the web process never reads; the public ones
stand in ``CHECKPOINT_PUBLIC_KEYS``, the old ones too: they check what they signed.
Keys and signatures are hexadecimal text, which can be compared on paper.
"""

import os
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

FINGERPRINT_LENGTH = 16


class KeyProblem(Exception):
    """The key file cannot be used; the message is for the operator."""


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key: 64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def fingerprint(public: str) -> str:
    """The short name of a public key."""
    return sha256(bytes.fromhex(public)).hexdigest()[:FINGERPRINT_LENGTH]


def make(path: Path) -> str:
    """Write a new private key that only its owner may read; return the public one.

    Raises FileExistsError: a key that signed something is never overwritten.
    """
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return public_text(key)


def load(path: str | Path = "") -> Ed25519PrivateKey:
    """The private key of a file, of CHECKPOINT_KEY_FILE where none is given.

    Raises KeyProblem.
    """
    path = path or settings.CHECKPOINT_KEY_FILE
    if not path:
        raise KeyProblem(
            _("No key: give --key PATH or set CHECKPOINT_KEY_FILE (checkpoint_key)")
        )
    try:
        key = serialization.load_pem_private_key(Path(path).read_bytes(), None)
    except OSError as error:
        raise KeyProblem(_("The key file cannot be read: %(error)s") % {"error": error})
    except (TypeError, ValueError):
        raise KeyProblem(_("%(path)s holds no private key") % {"path": path})
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyProblem(_("%(path)s holds no Ed25519 key") % {"path": path})
    return key


def known() -> dict[str, str]:
    """The public keys of the settings, by fingerprint."""
    found = {}
    for text in settings.CHECKPOINT_PUBLIC_KEYS:
        try:
            public = bytes.fromhex(text.strip())
            Ed25519PublicKey.from_public_bytes(public)
        except ValueError:
            raise ImproperlyConfigured(
                f"CHECKPOINT_PUBLIC_KEYS: {text!r} is no public key of 64 digits."
            )
        found[fingerprint(public.hex())] = public.hex()
    return found


def signs(public: str, body: str, signature: str) -> bool:
    """Did this key sign this text?"""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(
            bytes.fromhex(signature), body.encode()
        )
    except (InvalidSignature, ValueError):
        return False
    return True
