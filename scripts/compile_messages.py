"""Compile .po files to .mo beside them, without gettext: paths as arguments.

`pybabel compile` passes over a whole catalogue whose header is marked fuzzy, as
makemessages marks a new one; here only fuzzy messages are left out.
"""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

for name in sys.argv[1:]:
    source = Path(name)
    with source.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    with source.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog, use_fuzzy=False)
