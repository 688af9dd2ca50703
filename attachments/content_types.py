"""The kinds that an Office document says its parts are of ("[Content_Types].xml").

The list is read whole and as XML: a kind may stand behind pages of others, and be
spelt by the numbers of its letters.
"""

from typing import IO
from xml.parsers import expat

from attachments import refusals
from attachments.filetypes import size_of

CONTENT_TYPES = "[content_types].xml"  # in small letters, since Office reads any
MOST_BYTES = 4 * 1024 * 1024  # a document of five thousand parts has one


def types_named(content: IO[bytes]) -> set[str]:
    """The kinds, in small letters; ValidationError where it is not such a list."""
    if size_of(content) > MOST_BYTES:
        raise refusals.damaged()
    named: set[str] = set()

    def begins(_element: str, attributes: dict[str, str]) -> None:
        named.add(attributes.get("ContentType", "").lower())

    def refuse(*_declaration: object) -> None:
        raise refusals.damaged()

    parser = expat.ParserCreate()
    parser.StartElementHandler = begins
    parser.StartDoctypeDeclHandler = refuse  # which such a list must not have
    content.seek(0)
    try:
        parser.ParseFile(content)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise refusals.damaged() from error
    return named - {""}
