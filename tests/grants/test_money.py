"""Money: tranches that always add up, and what the last one is."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.money import FEN, capitals, fen, last_tranche, tranche_amounts, wan
from grants.money import yuan as written

pytestmark = pytest.mark.once

unhurried = settings(deadline=None)  # the machine may be busy
TIANJIN = (Decimal("0.50"), Decimal("0.40"), Decimal("0.10"))
yuan = st.decimals("0.01", "99999999.99", places=2)
shares = st.sampled_from(
    [
        TIANJIN,
        (Decimal("0.60"), Decimal("0.40")),
        (Decimal("1"),),
        (Decimal("0.33"), Decimal("0.33"), Decimal("0.34")),
    ]
)


def test_tranches_of_the_domain_example():
    assert tranche_amounts(Decimal("99999.99"), TIANJIN) == [
        Decimal("50000.00"),
        Decimal("40000.00"),
        Decimal("9999.99"),
    ]


@unhurried
@given(award=yuan, parts=shares)
def test_tranches_add_up_to_the_award(award, parts):
    amounts = tranche_amounts(award, parts)
    assert len(amounts) == len(parts)
    assert sum(amounts) == award
    assert all(a == a.quantize(FEN) for a in amounts)


@unhurried
@given(award=yuan, parts=shares)
def test_tranches_stay_within_a_fen_of_their_share(award, parts):
    for amount, share in zip(tranche_amounts(award, parts), parts, strict=True):
        assert abs(amount - award * share) <= FEN * len(parts)


@pytest.mark.parametrize(
    ("accepted", "paid", "last"),
    [
        ("100000.00", "90000.00", "10000.00"),
        ("120000.00", "90000.00", "10000.00"),  # never above the award
        ("95000.00", "90000.00", "5000.00"),
        ("90000.00", "90000.00", "0.00"),
        ("80000.00", "90000.00", "-10000.00"),  # paid back
    ],
)
def test_last_tranche(accepted, paid, last):
    found = last_tranche(Decimal("100000.00"), Decimal(accepted), Decimal(paid))
    assert found == Decimal(last)


@unhurried
@given(award=yuan, accepted=yuan, paid=yuan)
def test_after_the_last_tranche_no_more_than_the_award_is_paid(award, accepted, paid):
    total = paid + last_tranche(award, accepted, paid)
    assert total == min(award, accepted)


def test_fen_rounds_half_up():
    assert fen(Decimal("0.005")) == Decimal("0.01")
    assert fen(Decimal("0.015")) == Decimal("0.02")
    assert fen(Decimal("-0.005")) == Decimal("-0.01")


# -- as papers write it ------------------------------------------------------------

DIGIT = {c: n for n, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNIT = {"拾": 10, "佰": 100, "仟": 1000}


def read_number(text: str) -> int:
    """A whole number in capitals, read from the left by its own rules."""
    for name, size in (("亿", 10**8), ("万", 10**4)):
        if name in text:
            high, low = text.rsplit(name, 1)
            return read_number(high) * size + read_number(low)
    total, digit = 0, 0
    for character in text:
        if character in UNIT:
            total, digit = total + digit * UNIT[character], 0
        else:
            digit = DIGIT[character]
    return total + digit


def read_capitals(text: str) -> Decimal:
    """CNY from capital characters."""
    sign = -1 if text.startswith("负") else 1
    text = text.removeprefix("负").removesuffix("整")
    whole, _yuan, rest = text.rpartition("元") if "元" in text else ("", "", text)
    parts = dict.fromkeys("角分", 0)
    for digit, unit in zip(
        rest.lstrip("零")[::2], rest.lstrip("零")[1::2], strict=True
    ):
        parts[unit] = DIGIT[digit]
    fraction = Decimal(parts["角"]) / 10 + Decimal(parts["分"]) / 100
    return sign * (read_number(whole) + fraction)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("14139460.00", "壹仟肆佰壹拾叁万玖仟肆佰陆拾元整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("100010.00", "壹拾万零壹拾元整"),
        ("100000000.05", "壹亿元零伍分"),
        ("0.00", "零元整"),
        ("0.07", "柒分"),
        ("0.30", "叁角整"),
        ("-3.20", "负叁元贰角整"),
        ("1000100000000.00", "壹万零壹亿元整"),
    ],
)
def test_capitals_as_banks_read_them(amount, words):
    assert capitals(Decimal(amount)) == words


@unhurried
@given(st.decimals("-999999999999.99", "9999999999999.99", places=2))
def test_capitals_read_back_are_the_amount(amount):
    words = capitals(amount)
    assert read_capitals(words) == amount
    assert "零零" not in words
    assert words.endswith(("整", "分"))


@pytest.mark.parametrize("amount", ["0.001", "10000000000000000.00"])
def test_capitals_refuse_what_they_cannot_say(amount):
    with pytest.raises(ValueError, match=r"fen|too much"):
        capitals(Decimal(amount))


@unhurried
@given(st.decimals("0", "999999999999.99", places=2))
def test_ten_thousands_lose_nothing(amount):
    text = wan(amount)
    assert Decimal(text.replace(",", "")) * 10_000 == amount
    assert Decimal(written(amount).replace(",", "")) == amount


def test_ten_thousands_of_the_city_round():
    assert wan(Decimal("14139460.00")) == "1,413.946"
    assert wan(Decimal("0.01")) == "0.000001"
    assert written(Decimal("14139460")) == "14,139,460.00"
