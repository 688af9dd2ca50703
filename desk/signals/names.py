"""Names as they are compared: what people write in several ways is one name."""

import re
import unicodedata

#: Legal forms that are written or left out, the longest first.
FORMS = ("股份有限公司", "有限责任公司", "有限公司")
#: A remark in brackets at the end: 钱来来（劳务费）.
REMARK = re.compile(r"\([^()]*\)\s*$")


def plain_name(text: str) -> str:
    """A name without blanks, marks and remarks; full-width signs are ordinary ones.

    "" for a name of nothing else. A bracket in the middle, as of a town in the name
    of a firm, stays part of it.
    """
    given = unicodedata.normalize("NFKC", text).casefold()
    return _signs(REMARK.sub("", given)) or _signs(given)


def _signs(text: str) -> str:
    signs = "".join(sign for sign in text if sign.isalnum())
    for form in FORMS:
        if signs.endswith(form):
            return signs.removesuffix(form) or signs
    return signs
