"""The guides of docs/guide/ as a program reads them (docs/guide/README.md).

A guide is cut into passages. `<!-- page: /inbox/ as operator1 -->` begins one: it
says whose page the text is about, up to the next heading or the next comment.
Every **bold** word of a passage stands on that page, and every picture of a
passage is a picture of that page. Addresses that change from demo to demo are
described: `/work/{task screen}/` is the page of the first open screening in that
person's inbox. A reader without a number (`as reviewer`) is the first account of
that kind who has such a page.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "guide"
PICTURES = GUIDE / "pictures"
#: Folder of a language, and what a browser asks for.
LANGUAGES = {"en": "en", "zh": "zh-hans"}
#: Who reads a page without an account.
VISITOR = "visitor"

PAGE = re.compile(r"<!-- page: (?P<address>/.*?) as (?P<reader>\w+) -->")
ROLES = re.compile(r"<!-- roles: (?P<roles>[\w ]+) -->")
PASSAGE_ENDS = re.compile(r"^#|<!-- page: ", re.MULTILINE)
BOLD = re.compile(r"\*\*(.+?)\*\*")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
PLACE = re.compile(r"\{(\w+)(?: (\w+))?\}")


# -- the text ----------------------------------------------------------------------


@dataclass(frozen=True)
class Passage:
    """What a guide says about one page."""

    guide: str
    language: str
    address: str
    reader: str
    words: tuple[str, ...]
    pictures: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.language}/{self.guide}: {self.address} as {self.reader}"


def guides(language: str) -> list[Path]:
    return sorted((GUIDE / language).glob("[!R]*.md"))


def passages(path: Path) -> list[Passage]:
    """The passages of one guide, in their order."""
    text, found = path.read_text(encoding="utf-8"), []
    for page in PAGE.finditer(text):
        end = PASSAGE_ENDS.search(text, page.end())
        part = text[page.end() : end.start() if end else len(text)]
        found.append(
            Passage(
                guide=path.stem,
                language=path.parent.name,
                address=page["address"],
                reader=page["reader"],
                words=tuple(BOLD.findall(part)),
                pictures=tuple(Path(name).name for name in PICTURE.findall(part)),
            )
        )
    return found


def roles_of_guide(path: Path) -> set[str]:
    """The roles that a guide is written for."""
    named = ROLES.search(path.read_text(encoding="utf-8"))
    return set(named["roles"].split()) if named else set()


# -- the words of a page --------------------------------------------------------------


class Words(HTMLParser):
    """What stands on a page, piece by piece: the text of each element."""

    VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
    UNSEEN = frozenset({"script", "style", "template", "noscript"})
    SPOKEN = ("aria-label", "placeholder", "alt")
    LONGEST = 300

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.open: list[tuple[str, bool, list[str]]] = [("", True, [])]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        hidden = tag in self.UNSEEN or "hidden" in given
        seen = self.open[-1][1] and not hidden and "visually-hidden" not in classes
        if seen:
            for name in self.SPOKEN:
                self.keep(given.get(name) or "")
        if tag not in self.VOID:
            self.open.append((tag, seen, []))

    def handle_endtag(self, tag: str) -> None:
        if tag not in [name for name, _seen, _text in self.open]:
            return
        while True:
            name, seen, text = self.open.pop()
            if seen:
                whole = "".join(text)
                self.keep(whole)
                self.open[-1][2].append(f" {whole} ")
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if self.open[-1][1]:
            self.keep(data)
            self.open[-1][2].append(data)

    def keep(self, text: str) -> None:
        if len(text) <= self.LONGEST:
            self.found.add(plain(text))


def plain(text: str) -> str:
    """A label without the mark that ends it."""
    return " ".join(text.split()).rstrip(":：").rstrip()


def words_of(html: str) -> set[str]:
    reader = Words()
    reader.feed(html)
    reader.close()
    return reader.found


# -- addresses ------------------------------------------------------------------------


def found_in_demo(passage: Passage) -> tuple[str, str]:
    """The account that reads a passage's page, and its path.

    LookupError where the demo has no such page.
    """
    why = f"no account {passage.reader}"
    for username in usernames(passage.reader):
        try:
            return username, place_of(passage.address, username)
        except LookupError as error:
            why = str(error)
    raise LookupError(f"{passage}: {why}")


def usernames(reader: str) -> list[str]:
    """The accounts that a reader of a guide may be."""
    from organisations.models import User

    if reader == VISITOR or reader[-1].isdigit():
        return [reader]
    named = User.objects.filter(username__regex=rf"^{reader}\d$")
    return list(named.order_by("username").values_list("username", flat=True))


def place_of(address: str, reader: str) -> str:
    """The address for this person; LookupError where there is no such thing."""
    return PLACE.sub(lambda m: str(PLACES[m[1]](reader, m[2] or "")), address)


def _user(reader: str) -> Any:
    from organisations.models import User

    return User.objects.get(username=reader)


def _task(reader: str, action: str) -> int:
    """The first open task of a kind in a person's inbox."""
    from workflows.selectors import inbox_for

    item = inbox_for(_user(reader)).filter(action=action).first()
    return _found(item, f"no task {action} for {reader}").pk


def _case(reader: str, status: str) -> str:
    """The latest case of a status that a person sees."""
    from grants.selectors import cases_visible_to

    cases = cases_visible_to(_user(reader)).filter(status=status)
    return _found(cases.order_by("-pk").first(), f"no {status} for {reader}").code


def _round(_reader: str, status: str) -> str:
    """The latest round with a case of a status."""
    from grants.models import Round

    rounds = Round.objects.filter(cases__status=status)
    return _found(rounds.order_by("-pk").first(), f"no round with {status}").code


def _notice(_reader: str, _what: str) -> int:
    """The public notice that runs."""
    from grants.models import Notice

    return _found(Notice.objects.order_by("-pk").first(), "no notice").pk


def _person(_reader: str, username: str) -> int:
    return _user(username).pk


def _unit(_reader: str, username: str) -> int:
    """The organisation that somebody belongs to."""
    member = _user(username).memberships.order_by("pk").first()
    return _found(member, f"{username} belongs to none").organisation_id


def _programme(_reader: str, _what: str) -> str:
    from grants.models import Programme

    return _found(Programme.objects.order_by("pk").first(), "no programme").code


def _found(thing: Any, otherwise: str) -> Any:
    if thing is None:
        raise LookupError(otherwise)
    return thing


PLACES: dict[str, Callable[[str, str], object]] = {
    "task": _task,
    "case": _case,
    "round": _round,
    "notice": _notice,
    "person": _person,
    "unit": _unit,
    "programme": _programme,
}


# -- reading pages ---------------------------------------------------------------------


class Readers:
    """People who are signed in at a served demo, one session each."""

    def __init__(self, base: str, password: str) -> None:
        self.base, self.password = base, password
        self.sessions: dict[str, Callable[[str, str], str]] = {}

    def page(self, passage: Passage) -> str:
        """The page of a passage as its reader gets it, in its language."""
        username, path = found_in_demo(passage)
        get = self.sessions.get(username) or self.enter(username)
        return get(path, LANGUAGES[passage.language])

    def enter(self, reader: str) -> Callable[[str, str], str]:
        """Sign in through the sign-in page."""
        cookies = CookieJar()
        opener = build_opener(HTTPCookieProcessor(cookies))

        def get(path: str, language: str, form: dict[str, str] | None = None) -> str:
            body = urlencode(form).encode() if form else None
            asked = Request(self.base + path, body, {"Accept-Language": language})
            try:
                with opener.open(asked, timeout=60) as answer:
                    if "/accounts/login/" in answer.url and "login" not in path:
                        raise AssertionError(f"{reader} is not signed in at {path}")
                    return answer.read().decode()
            except HTTPError as error:
                raise AssertionError(f"{error.code} at {path} for {reader}") from error

        if reader != VISITOR:
            get("/accounts/login/", "en")
            token = next(c.value for c in cookies if c.name.endswith("csrftoken"))
            named = {"login": reader, "password": self.password}
            get("/accounts/login/", "en", named | {"csrfmiddlewaretoken": token})
        self.sessions[reader] = get
        return get


def missing_words(passage: Passage, html: str) -> list[str]:
    """Bold words of a passage that the page does not have."""
    found = words_of(html)
    return [word for word in passage.words if plain(word) not in found]


def all_passages() -> Iterator[Passage]:
    for language in LANGUAGES:
        for path in guides(language):
            yield from passages(path)
