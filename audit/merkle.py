"""The Merkle tree of RFC 6962: one hash that stands for a whole list."""

from hashlib import sha256

EMPTY = sha256(b"").digest()


def leaf(data: bytes) -> bytes:
    """The hash of an entry; its prefix keeps it apart from that of a node."""
    return sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\1" + left + right).digest()


class Tree:
    """Takes the leaves one after another and keeps a hash per whole subtree.

    So its memory grows with the logarithm of the list's length.
    """

    def __init__(self) -> None:
        self.size = 0
        self.whole: list[bytes] = []  # of sizes that are powers of two, falling

    def add(self, hash: bytes) -> None:
        """Append the hash of a leaf."""
        self.size += 1
        size = self.size
        while size % 2 == 0:
            hash = node(self.whole.pop(), hash)
            size //= 2
        self.whole.append(hash)

    def root(self) -> str:
        """The root over what was added so far, as hexadecimal text."""
        if not self.whole:
            return EMPTY.hex()
        *rest, found = self.whole
        for left in reversed(rest):
            found = node(left, found)
        return found.hex()
