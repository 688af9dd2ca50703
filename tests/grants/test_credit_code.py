"""Unified social credit codes: shape and check character (GB 32100-2015)."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from organisations.credit_code import (
    ALPHABET,
    check_character,
    validate_credit_code,
)

pytestmark = pytest.mark.once

unhurried = settings(deadline=None)  # the machine may be busy
stems = st.text(ALPHABET, min_size=17, max_size=17)


def codes_of(error):
    return [e.code for e in error.value.error_list]


def test_alphabet_has_31_characters_without_letters_easily_mistaken():
    assert len(ALPHABET) == 31
    assert not set("IOSVZ") & set(ALPHABET)


def test_known_code_of_the_standard():
    # the example of GB 32100-2015, annex
    assert check_character("91350100M000100Y4") == "3"
    validate_credit_code("91350100M000100Y43")


@unhurried
@given(stem=stems)
def test_code_with_its_check_character_is_accepted(stem):
    validate_credit_code(stem + check_character(stem))


@unhurried
@given(stem=stems, position=st.integers(0, 16), other=st.sampled_from(ALPHABET))
def test_one_changed_character_is_noticed(stem, position, other):
    code = stem + check_character(stem)
    changed = code[:position] + other + code[position + 1 :]
    if changed == code:
        return
    with pytest.raises(ValidationError) as caught:
        validate_credit_code(changed)
    assert codes_of(caught) == ["credit_code_check"]


@unhurried
@given(stem=stems, position=st.integers(0, 15))
def test_two_neighbours_swapped_are_noticed(stem, position):
    code = stem + check_character(stem)
    first, second = code[position], code[position + 1]
    if first == second:
        return
    changed = code[:position] + second + first + code[position + 2 :]
    with pytest.raises(ValidationError):
        validate_credit_code(changed)


@pytest.mark.parametrize("code", ["", "9135", "9" * 19, "91350100M000100I43"])
def test_wrong_shape_is_refused(code):
    with pytest.raises(ValidationError) as caught:
        validate_credit_code(code)
    assert codes_of(caught) == ["credit_code_shape"]


def test_small_letters_and_spaces_around_are_forgiven():
    validate_credit_code(" 91350100m000100y43 ")
