"""Whether a PDF opens without a password: a script by itself.

    python -I unlocking.py SOURCE

Run by attachments.pdfs in a process of its own (confine.py): a PDF whose tables are
broken has the library read it whole, and one that is made to can have it unpack far
more. Ends with 0 where the empty password opens the file.
"""

import sys

from pypdf import PdfReader


def main() -> None:
    reader = PdfReader(sys.argv[1])
    opens = not reader.is_encrypted or bool(reader.decrypt(""))
    sys.exit(0 if opens else 1)


if __name__ == "__main__":
    main()
