"""Numbers of papers as they are compared: however they are spelled, the same."""

import unicodedata


def plain_number(number: str) -> str:
    """No spaces or invisible characters, no full-width forms, one dash, capitals.

    "ｎｏ．12–3 " and "NO.12-3" are the same receipt (OFFICER §0b.6).
    """
    plain = _plain(number).upper()
    return _plain(plain)  # capitals of some letters are full-width or joined again


def _plain(number: str) -> str:
    kept = []
    for character in unicodedata.normalize("NFKC", number):
        kind = unicodedata.category(character)
        if character.isspace() or kind in ("Cf", "Cc"):
            continue
        kept.append("-" if kind == "Pd" or character == "−" else character)
    return unicodedata.normalize("NFKC", "".join(kept))
