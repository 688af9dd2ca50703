"""The guides say what the demo shows: every page and every bold word."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from desk.demo.house import PASSWORD
from grants.models import Role
from grants.permissions import roles_of
from organisations.models import MembershipRole, User
from organisations.selectors import memberships_of
from scripts.guide import (
    BOLD,
    GUIDE,
    LANGUAGES,
    PAGE,
    PASSAGE_ENDS,
    PICTURE,
    PICTURES,
    VISITOR,
    Readers,
    found_in_demo,
    guides,
    missing_words,
    passages,
    roles_of_guide,
    words_of,
)

pytestmark = pytest.mark.once

ROOT: Path = settings.BASE_DIR
ENGLISH = guides("en")
BOTH = [path for language in LANGUAGES for path in guides(language)]
INDEXES = {language: GUIDE / language / "README.md" for language in LANGUAGES}
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
EVERYTHING = [*BOTH, *INDEXES.values(), *READMES.values()]
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
#: Bytes; pictures are part of every clone.
LARGEST, ALL_TOGETHER = 120_000, 4_000_000


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def words_lines(path: Path) -> int:
    text = path.read_text(encoding="utf-8")
    return sum(1 for line in text.splitlines() if line and not line.startswith("<"))


# -- the guides themselves --------------------------------------------------------


def test_every_role_has_a_guide():
    served = set().union(*(roles_of_guide(path) for path in ENGLISH))
    assert served == {*Role.values, *MembershipRole.values, "administrator", VISITOR}


@pytest.mark.parametrize("english", ENGLISH, ids=named)
def test_guide_says_the_same_in_both_languages(english):
    chinese = GUIDE / "zh" / english.name
    assert roles_of_guide(english) == roles_of_guide(chinese)
    ours, theirs = passages(english), passages(chinese)
    assert [(p.address, p.reader) for p in ours] == [
        (p.address, p.reader) for p in theirs
    ]
    for one, other in zip(ours, theirs, strict=True):
        assert len(one.words) == len(other.words), str(one)
        assert [n.replace(".en.", ".zh.") for n in one.pictures] == [*other.pictures]
    depths = [
        re.findall(r"^#+", path.read_text("utf-8"), re.MULTILINE)
        for path in (english, chinese)
    ]
    assert depths[0] == depths[1]


@pytest.mark.parametrize("path", BOTH, ids=named)
def test_guide_is_short_and_shows_its_page(path):
    assert words_lines(path) <= 60
    found = passages(path)
    assert found
    assert any(passage.pictures for passage in found)
    assert INDEXES[path.parent.name].read_text("utf-8").count(f"({path.name})") == 1


@pytest.mark.parametrize("path", BOTH, ids=named)
def test_bold_words_belong_to_a_page_and_stand_alone(path):
    text = path.read_text(encoding="utf-8")
    for page in reversed(list(PAGE.finditer(text))):
        end = PASSAGE_ENDS.search(text, page.end())
        text = text[: page.start()] + (text[end.start() :] if end else "")
    assert BOLD.findall(text) == []
    text = path.read_text(encoding="utf-8")
    for bold in BOLD.finditer(text):
        # Markdown reads no bold where punctuation inside meets a letter outside
        before, after = text[bold.start() - 1], text[bold.end()]
        assert bold[1][0].isalnum() or not before.isalnum(), bold[1]
        assert bold[1][-1].isalnum() or not after.isalnum(), bold[1]


def test_chinese_guides_are_the_same_files():
    assert [p.name for p in guides("zh")] == [p.name for p in ENGLISH]


# -- pictures -----------------------------------------------------------------------


def test_pictures_are_those_of_the_guides():
    shown = {name for path in BOTH for p in passages(path) for name in p.pictures}
    assert {path.name for path in PICTURES.glob("*.webp")} == shown
    sizes = {path.name: path.stat().st_size for path in PICTURES.glob("*.webp")}
    assert {name for name, size in sizes.items() if size > LARGEST} == set()
    assert sum(sizes.values()) < ALL_TOGETHER


@pytest.mark.parametrize("path", BOTH, ids=named)
def test_picture_was_taken_of_its_page_with_these_words(path):
    """`make pictures` takes them anew."""
    taken = json.loads((PICTURES / "taken.json").read_text("utf-8"))
    for passage in passages(path):
        for name in passage.pictures:
            assert name.endswith(f".{passage.language}.webp")
            assert taken[name] == {
                "page": passage.address,
                "reader": passage.reader,
                "words": sorted(passage.words),
            }, name


@pytest.mark.parametrize("path", EVERYTHING, ids=named)
def test_links_and_pictures_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("language", LANGUAGES)
def test_readme_shows_pages_in_its_language(language):
    text = READMES[language].read_text(encoding="utf-8")
    shown = [name for name in PICTURE.findall(text) if "docs/guide/pictures/" in name]
    assert len(shown) >= 4
    assert all(f".{language}." in name for name in shown)
    assert f"(docs/guide/{language}/README.md)" in text


# -- the demo -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def readers(whole_demo) -> Readers:
    return Readers(whole_demo.address, PASSWORD)


@pytest.mark.slow(400)
@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("path", BOTH, ids=named)
def test_demo_has_the_pages_and_words_of_the_guide(path, in_demo, readers):
    held = roles_of_guide(path)
    for passage in passages(path):
        username, _path = found_in_demo(passage)
        assert reader_roles(username) & held, str(passage)
        html = readers.page(passage)
        assert missing_words(passage, html) == [], str(passage)


def reader_roles(username: str) -> set[str]:
    """What a person of the demo is; a visitor is nobody."""
    if username == VISITOR:
        return {VISITOR}
    user = User.objects.get(username=username)
    roles = {role for _programme, role in roles_of(user)}
    roles |= {membership.role for membership in memberships_of(user)}
    return roles | ({"administrator"} if user.is_administrator else set())


def test_words_of_a_page_are_what_one_reads():
    found = words_of(
        '<main><h1>Inbox</h1><script>Secret</script><a href="/">Open'
        '<span class="visually-hidden">: a task</span></a><p hidden>Gone</p>'
        '<label>Reason:</label><input placeholder="Search"><p>one <b>two</b></p></main>'
    )
    assert {"Inbox", "Open", "Reason", "Search", "two", "one two"} <= found
    assert not {"Secret", "Gone", ": a task", "Reas"} & found
