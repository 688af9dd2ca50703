"""The tree against the vectors that certificate transparency publishes."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.merkle import Tree, leaf, node

pytestmark = pytest.mark.once
ENTRIES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def root_of(entries: list[bytes]) -> str:
    tree = Tree()
    for entry in entries:
        tree.add(leaf(entry))
    return tree.root()


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_published_vectors(size) -> None:
    assert root_of([bytes.fromhex(e) for e in ENTRIES[:size]]) == ROOTS[size]


def by_definition(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return leaf(entries[0])
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return node(by_definition(entries[:split]), by_definition(entries[split:]))


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_any_list_as_the_standard_defines_it(entries) -> None:
    assert root_of(entries) == by_definition(entries).hex()


def test_a_leaf_cannot_pose_as_a_node() -> None:
    left, right = leaf(b"a"), leaf(b"b")
    assert leaf(left + right) != node(left, right)


def test_memory_grows_with_the_logarithm() -> None:
    tree = Tree()
    for number in range(5000):
        tree.add(leaf(str(number).encode()))
        assert len(tree.whole) <= 13
