"""Money: Decimal yuan with two places (fen), never float."""

from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")
WAN = Decimal(10_000)
DIGITS = "零壹贰叁肆伍陆柒捌玖"
#: Places inside a group of four digits, and the groups themselves.
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


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


# -- as papers write it ------------------------------------------------------------


def yuan(amount: Decimal) -> str:
    """CNY with thousands and two decimals: 14,139,460.00."""
    return f"{whole_fen(amount):,.2f}"


def wan(amount: Decimal) -> str:
    """The same in 万元, with as many of six decimals as are needed: 1,413.946.

    Nothing is rounded away: a fen is the sixth decimal (OFFICER §1).
    """
    text = f"{whole_fen(amount) / WAN:,.6f}"
    return text.rstrip("0").rstrip(".")


def whole_fen(amount: Decimal) -> Decimal:
    """The amount with exactly two places; ValueError where fen are not enough."""
    exact = amount.quantize(FEN)
    if exact != amount:
        raise ValueError(f"{amount} is not a whole number of fen")
    return exact


def capitals(amount: Decimal) -> str:
    """The amount in capital characters (人民币大写), as banks read it.

    14139460 is 壹仟肆佰壹拾叁万玖仟肆佰陆拾元整, 1409.50 is 壹仟肆佰零玖元伍角整,
    6007.14 is 陆仟零柒元壹角肆分. Noughts in a row are read once; 整 ends what has
    no fen (支付结算办法, annex on writing bills). ValueError for more than two
    places and from 10^16 on.
    """
    whole, _dot, rest = f"{abs(whole_fen(amount)):f}".partition(".")
    if len(whole) > 4 * len(GROUPS):
        raise ValueError(f"{amount} is too much to be written in capitals")
    yuan_part = _capital_number(whole)
    jiao, small = (int(digit) for digit in rest)
    text = f"{yuan_part}元" if yuan_part else ""
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif small and yuan_part:
        text += DIGITS[0]
    text = text or ("" if small else f"{DIGITS[0]}元")
    text += f"{DIGITS[small]}分" if small else "整"
    return f"负{text}" if amount < 0 else text


def _capital_number(digits: str) -> str:
    """A whole number in capitals, "" for nought."""
    out, nought = "", False
    top = len(digits) - 1
    in_group = False
    for index, character in enumerate(digits):
        place = top - index
        if digit := int(character):
            out += (DIGITS[0] if nought and out else "") + DIGITS[digit]
            out += PLACES[place % 4]
            nought, in_group = False, True
        else:
            nought = True
        if place % 4 == 0:
            out += GROUPS[place // 4] if in_group else ""
            in_group = False
    # 万亿 and 亿 side by side: the first says 万 only where the second follows
    return out.replace("万亿", "万", 1) if out.count("亿") > 1 else out
