"""Money: tranches that always add up, and what the last one is."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.money import FEN, fen, last_tranche, tranche_amounts

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
