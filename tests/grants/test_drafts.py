"""Typing before it is handed in: Alice and Bob share it, nothing is overwritten."""

import pytest

from grants.models import Draft, DraftEditor
from grants.services.drafts import (
    DRAFT_MAX,
    Sender,
    changes_since,
    choose,
    discard_draft,
    draft_key,
    draft_of,
    note_editor,
    other_editors,
    rivals_of,
    save_typing,
    typed_in,
)
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db
KEY = "submit_application:case:1"


@pytest.fixture
def alice():
    return make_user("alice")


@pytest.fixture
def bob():
    return make_user("bob")


def test_typing_is_shared_and_forgotten_outside_the_record(alice, bob):
    key = draft_key("submit_application", make_case())
    save_typing(key, by=alice, fields={"title": "一"})
    save_typing(key, by=bob, fields={"summary": "二"})
    assert typed_in(key) == {"title": "一", "summary": "二"}
    note_editor(key, by=bob, topic="1")
    discard_draft(key)
    assert not Draft.objects.exists()
    assert not DraftEditor.objects.exists()


def test_different_fields_of_two_people_are_both_kept(alice, bob):
    first = save_typing(KEY, by=alice, fields={"title": "一"}, base=0)
    second = save_typing(KEY, by=bob, fields={"summary": "二"}, base=0)
    assert (first.conflicts, second.conflicts) == ([], [])
    assert second.revision == 2


def test_a_field_changed_meanwhile_is_not_overwritten(alice, bob):
    save_typing(KEY, by=alice, fields={"title": "一"}, base=0)
    saved = save_typing(KEY, by=bob, fields={"title": "二", "plan": "三"}, base=0)
    assert saved.conflicts == ["title"]
    assert typed_in(KEY) == {"title": "一", "plan": "三"}
    (rival,) = rivals_of(draft_of(KEY))
    assert (rival.field, rival.user, rival.value) == ("title", bob.pk, "二")


def test_the_same_text_is_no_conflict(alice, bob):
    save_typing(KEY, by=alice, fields={"title": "一"}, base=0)
    assert save_typing(KEY, by=bob, fields={"title": "一"}, base=0).conflicts == []


def test_the_page_of_another_machine_of_the_same_person_conflicts_too(alice):
    save_typing(KEY, by=alice, fields={"title": "一"}, base=0)
    saved = save_typing(KEY, by=alice, fields={"title": "二"}, base=0)
    assert saved.conflicts == ["title"]


def test_what_a_page_saved_itself_it_may_save_again(alice, bob):
    saved = save_typing(KEY, by=alice, fields={"title": "一"}, base=0)
    seen = {"title": saved.revision}
    again = save_typing(KEY, by=alice, fields={"title": "二"}, base=0, seen=seen)
    assert again.conflicts == []
    late = save_typing(KEY, by=bob, fields={"title": "三"}, base=0, seen=seen)
    assert late.conflicts == ["title"]


def test_saves_of_one_page_that_overtake_each_other_are_no_conflict(alice, bob):
    def send(turn, text, page="page-1", by=alice):
        fields, sender = {"title": text}, Sender(page, turn)
        return save_typing(KEY, by=by, fields=fields, base=0, sender=sender)

    assert send(1, "一").conflicts == []
    assert send(3, "一二三").conflicts == []
    assert send(2, "一二").conflicts == []
    assert typed_in(KEY) == {"title": "一二三"}
    assert send(1, "别的", page="page-2").conflicts == ["title"]
    assert send(4, "鲍勃", page="page-3", by=bob).conflicts == ["title"]


def test_one_of_the_two_texts_is_chosen(alice, bob):
    save_typing(KEY, by=alice, fields={"title": "一"}, base=0)
    save_typing(KEY, by=bob, fields={"title": "二"}, base=0)
    choose(KEY, by=alice, name="title", of=bob.pk, use=True)
    assert typed_in(KEY) == {"title": "二"}
    assert rivals_of(draft_of(KEY)) == []


def test_or_the_other(alice, bob):
    save_typing(KEY, by=alice, fields={"title": "一"}, base=0)
    save_typing(KEY, by=bob, fields={"title": "二"}, base=0)
    choose(KEY, by=bob, name="title", of=bob.pk, use=False)
    choose(KEY, by=bob, name="title", of=bob.pk, use=True)  # is settled already
    assert typed_in(KEY) == {"title": "一"}
    assert draft_of(KEY).contested == {}


def test_changes_of_others_are_named(alice, bob):
    save_typing(KEY, by=alice, fields={"title": "一"}, base=0)
    save_typing(KEY, by=bob, fields={"plan": "二"}, base=0)
    draft = draft_of(KEY)
    assert changes_since(draft, 0, {}, alice) == ["plan"]
    assert changes_since(draft, 0, {}, bob) == ["title"]
    assert changes_since(draft, 0, {"title": 1}, bob) == []
    assert changes_since(draft, 2, {}, alice) == []


def test_too_much_text_is_refused_and_what_was_kept_stays(alice):
    save_typing(KEY, by=alice, fields={"title": "一"})
    saved = save_typing(KEY, by=alice, fields={"plan": "字" * DRAFT_MAX})
    assert saved.too_large
    assert typed_in(KEY) == {"title": "一"}


def test_presence_ends_after_a_minute(alice, bob, clock):
    note_editor(KEY, by=bob, topic="预算")
    (seen,) = other_editors(KEY, by=alice)
    assert (seen.user, seen.topic) == (bob, "预算")
    assert other_editors(KEY, by=bob) == []
    clock.forward(seconds=61)
    assert other_editors(KEY, by=alice) == []
