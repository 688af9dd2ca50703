"""Money: Decimal yuan with two places (fen), never float."""

from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")


def fen(amount: Decimal) -> Decimal:
    """Rounded half up to the fen."""
    return amount.quantize(FEN, ROUND_HALF_UP)


def tranche_amounts(award: Decimal, shares: tuple[Decimal, ...]) -> list[Decimal]:
    """Tranches in CNY: each rounded, the last one takes what is left.

    99,999.99 at 50/40/10 gives 50,000.00, 40,000.00 and 9,999.99 (DOMAIN §9).
    """
    amounts = [fen(award * share) for share in shares[:-1]]
    return [*amounts, award - sum(amounts, Decimal(0))]


def last_tranche(award: Decimal, accepted: Decimal, paid: Decimal) -> Decimal:
    """min(award, accepted expenditure) − paid (OFFICER §0.6).

    Negative: that much is to be paid back before closing.
    """
    return min(award, accepted) - paid
