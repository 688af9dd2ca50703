"""Unified social credit code (统一社会信用代码), GB 32100-2015.

Eighteen characters: registering department, class, district (6 digits), the
organisation's own nine characters and a check character. The check character
is the one that makes the weighted sum divisible by 31 (weights 3^i mod 31).
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, i, 31) for i in range(17))


def check_character(first17: str) -> str:
    """The check character of the first 17; KeyError-free: ValueError on others."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first17, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def validate_credit_code(value: str) -> None:
    """Refuse a code whose shape or check character is wrong (GB 32100-2015)."""
    code = value.strip().upper()
    if len(code) != 18 or any(c not in ALPHABET for c in code):
        raise ValidationError(
            _("A credit code has 18 digits and capital letters (no I, O, S, V, Z)."),
            code="credit_code_shape",
        )
    if check_character(code[:17]) != code[17]:
        raise ValidationError(
            _("The check character of this credit code is wrong."),
            code="credit_code_check",
        )
