"""The arithmetic of the stand-alone verifier against vectors and against libraries."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import canon, checkpoints, keys
from audit.merkle import Prover, Tree, leaf
from audit.standalone import verify_dossier as form

pytestmark = pytest.mark.once

#: RFC 8032, section 7.1: public key, message, signature (1, 2 and SHA(abc)).
VECTORS = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "r",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
)


@pytest.mark.parametrize(("public", "text", "signature"), VECTORS)
def test_published_signatures(public, text, signature) -> None:
    assert form.signs(public, text, signature)
    assert not form.signs(public, text + "x", signature)


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.text(), st.integers(0, 511))
def test_signatures_as_the_library_makes_them(seed, text, bit) -> None:
    text = text.encode(errors="ignore").decode()
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = keys.public_text(key), key.sign(text.encode())
    assert form.signs(public, text, signature.hex())
    broken = bytearray(signature)
    broken[bit // 8] ^= 1 << bit % 8
    assert not form.signs(public, text, bytes(broken).hex())


@pytest.mark.parametrize("signature", ["", "zz", "00" * 64, "ff" * 64, "00" * 63])
def test_what_is_no_signature_signs_nothing(signature) -> None:
    public = VECTORS[0][0]
    assert not form.signs(public, "", signature)
    assert not form.signs("ff" * 32, "", VECTORS[0][2])
    assert not form.signs("", "", VECTORS[0][2])


def test_a_signature_is_not_malleable() -> None:
    """The same with the group's order added to its number is another text."""
    public, text, signature = VECTORS[0]
    number = int.from_bytes(bytes.fromhex(signature)[32:], "little") + form.ORDER
    other = signature[:64] + number.to_bytes(32, "little").hex()
    assert not form.signs(public, text, other)


@given(st.integers(1, 70), st.data())
def test_every_path_leads_to_the_root(size, data) -> None:
    wanted = data.draw(st.sets(st.integers(0, size - 1)))
    prover, tree = Prover(), Tree()
    leaves = [leaf(str(number).encode()) for number in range(size)]
    for number, hash in enumerate(leaves):
        prover.add(hash, wanted=number in wanted)
        tree.add(hash)
    paths = prover.paths()
    assert set(paths) == wanted
    for place, path in paths.items():
        root = form.root_from(leaves[place], place, size, path)
        assert root == tree.root()
        other = data.draw(st.integers(0, size - 1))
        if other != place:
            moved = form.root_from(leaves[other], place, size, path)
            assert moved != tree.root()
        longer = [*path, leaves[0]]
        assert form.root_from(leaves[place], place, size, longer) is None


def test_leaves_and_lines_have_one_form() -> None:
    assert form.leaf("case:7", 3, "ab") == checkpoints.leaf("case:7", 3, "ab")
    value = {"b": ["中", None, True], "a": {"x": 1}}
    assert form.dumps(value) == canon.dumps(value)
