"""Where an act comes from: the address of a request, a sweep, a task, a command.

An address is personal. All lines of a request hold the same salted digest of it,
and the address stands in one ``Disclosure``, in the stream of who acted: a request
adds at most one row, and erasing that row erases the address from all its lines.
"""

import ipaddress
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property

from .canon import digest, dumps


@dataclass
class Address:
    """The address of one request.

    kept: its row was committed, so that later acts of the request need none.
    """

    value: str
    salt: str = field(default_factory=lambda: secrets.token_hex(16))
    kept: bool = False

    @property
    def text(self) -> str:
        """What the digest is of."""
        return dumps(self.value)

    @cached_property
    def digest(self) -> str:
        return digest(self.salt, self.text)

    def keep(self) -> None:
        self.kept = True


#: An address, a code such as "sweep:outbox.services.sweep", or None: unknown.
origin: ContextVar[Address | str | None] = ContextVar("audit_origin", default=None)


@contextmanager
def comes_from(source: Address | str) -> Iterator[None]:
    """What is done inside comes from an address, or from a sweep, a task or a
    command of this name."""
    token = origin.set(source)
    try:
        yield
    finally:
        origin.reset(token)


def told(source: Address | str | None) -> dict[str, str] | str | None:
    """What a line says of where its act comes from."""
    return {"digest": source.digest} if isinstance(source, Address) else source


def client_address(remote: str, forwarded: str, proxies: int) -> str:
    """The address of who asks, in its one form; "" where there is none.

    remote: REMOTE_ADDR. forwarded: X-Forwarded-For, which anybody may send: it
    counts only as far as ``proxies`` of ours have each added who asked them.
    """
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if proxies and hops:
        return plain_address(hops[-min(proxies, len(hops))])
    return plain_address(remote)


def plain_address(text: str) -> str:
    """An address without port, brackets, zone or IPv4 inside of IPv6; "" for none."""
    bare = text.strip().partition("%")[0]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
