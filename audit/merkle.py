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


class Prover:
    """The same tree, which also keeps the paths of some of its leaves.

    A path names the hashes beside the way from a leaf up to the root (RFC 9162,
    2.1.3.1). Memory grows with the number of the wanted leaves times the height.
    """

    def __init__(self) -> None:
        self.size = 0
        self.whole: list[tuple[bytes, list[int]]] = []  # with the wanted leaves below
        self.steps: dict[int, list[bytes]] = {}

    def add(self, hash: bytes, wanted: bool = False) -> None:
        """Append the hash of a leaf."""
        below = [self.size] if wanted else []
        if wanted:
            self.steps[self.size] = []
        self.size += 1
        size, right = self.size, (hash, below)
        while size % 2 == 0:
            right = self._joined(self.whole.pop(), right, self.steps)
            size //= 2
        self.whole.append(right)

    def paths(self) -> dict[int, list[bytes]]:
        """The path of each wanted leaf, by its place, in the tree as it is now."""
        steps = {place: list(path) for place, path in self.steps.items()}
        if self.whole:
            *rest, found = self.whole
            for left in reversed(rest):
                found = self._joined(left, found, steps)
        return steps

    @staticmethod
    def _joined(
        left: tuple[bytes, list[int]],
        right: tuple[bytes, list[int]],
        steps: dict[int, list[bytes]],
    ) -> tuple[bytes, list[int]]:
        for place in left[1]:
            steps[place].append(right[0])
        for place in right[1]:
            steps[place].append(left[0])
        return node(left[0], right[0]), left[1] + right[1]
