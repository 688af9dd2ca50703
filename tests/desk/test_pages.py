"""Every page renders for whom it is for, and refuses the others."""

import pytest

from audit.record import record
from organisations.models import User

TABS = (
    "overview",
    "form",
    "documents",
    "reviews",
    "money",
    "tracking",
    "timeline",
    "diagram",
)
EVERYBODY = ("/home/", "/inbox/", "/done/", "/cases/", "/rounds/", "/messages/")
PUBLIC = ("/", "/notices/", "/objections/", "/calls/r2026/", "/accounts/login/")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_common_pages_render_for_every_role(world, language):
    world.draft()
    seen = set()
    for name, person in world.house.people.items():
        role = name.rstrip("0123456789")
        if role in seen:
            continue
        seen.add(role)
        client = world.enter(name, language)
        for path in (*EVERYBODY, "/rounds/r2026/", "/apply/"):
            assert client.get(path).status_code == 200, (name, path)
        assert str(person) in client.get("/home/").content.decode()


def test_case_tabs_render_for_applicant_office_and_reviewer(world):
    case = world.bring(world.draft(), "ARCHIVED")
    reviewer = case.seats.first().reviewer
    for user in (world.applicant_of(case), world["funder1"], reviewer):
        client = world.enter(user)
        for tab in TABS:
            answer = client.get(f"/cases/{case.code}/{tab}/")
            assert answer.status_code == 200, (user, tab)
            assert case.title in answer.content.decode()
    assert client.get(f"/cases/{case.code}/nonsense/").status_code == 404


def test_public_pages_need_no_account(world, visitor):
    for path in PUBLIC:
        assert visitor.get(path).status_code == 200, path
    for path in EVERYBODY:
        answer = visitor.get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/accounts/login/")


def test_pages_hold_no_inline_script_or_style(world, visitor, text):
    case = world.draft()
    client = world.enter(world.applicant_of(case))
    item = world.item(case, "submit_application")
    pages = [client.get(path) for path in (*EVERYBODY, f"/work/{item.pk}/")]
    for answer in (visitor.get("/"), *pages):
        page = text(answer)
        assert "style=" not in page
        assert "onclick" not in page
        assert "<script>" not in page
        assert "unsafe-inline" not in answer["Content-Security-Policy"]


def test_case_of_others_is_404_and_administrator_sees_none(world):
    case = world.bring(world.draft(), "SCREENING")
    stranger = next(
        p
        for name, p in world.house.people.items()
        if name.startswith("applicant") and p != world.applicant_of(case)
    )
    for user in (stranger, world["admin1"], world["reviewer1"]):
        client = world.enter(user)
        assert client.get(f"/cases/{case.code}/").status_code == 404
        assert case.code not in client.get("/cases/").content.decode()


def test_unknown_page_and_forbidden_page_are_ours(world, text):
    client = world.enter("funder1")
    assert client.get("/people/").status_code == 403
    assert client.get("/programmes/").status_code == 403
    answer = client.get("/cases/none-such/")
    assert answer.status_code == 404
    assert "navbar" in text(answer)


def test_admin_site_is_closed_to_all_but_superusers(world, visitor):
    assert visitor.get("/admin/").status_code == 302
    assert world.enter("admin1").get("/admin/").status_code == 302


def test_admin_site_shows_and_changes_nothing(world):
    with record("make_superuser", by="system:tests"):
        root = User.objects.create_superuser("root", password="x")
    client = world.enter(root)
    for path in ("", "organisations/user/", f"organisations/user/{root.pk}/change/"):
        assert client.get(f"/admin/{path}").status_code == 200, path
    assert client.get("/admin/organisations/user/add/").status_code == 403
    assert (
        client.post(f"/admin/organisations/user/{root.pk}/delete/").status_code == 403
    )
    assert client.post("/admin/password_change/").status_code == 302
    assert client.get("/admin/grants/case/").status_code == 404
    assert client.get("/admin/login/")["Location"] == "/admin/"


def test_admin_site_tells_people_who_are_signed_in_that_it_is_closed(world, visitor):
    """It sent them to the sign-in page, which sent them back, without an end."""
    answer = world.enter("admin1").get("/admin/organisations/user/", follow=True)
    assert answer.status_code == 403
    assert "This is not permitted" in answer.content.decode()
    answer = visitor.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")
    assert answer.status_code == 200


def test_language_is_switched_and_kept(world, text):
    client = world.enter("funder1", "zh-hans")
    answer = client.post("/language/", {"language": "en", "next": "/home/"})
    assert answer["Location"] == "/home/"
    assert 'lang="en"' in text(client.get("/home/"))
    assert world["funder1"].language == "en"


def test_sign_in_page_keeps_the_name_and_locks_after_many_failures(
    world, visitor, settings, text
):
    settings.AXES_FAILURE_LIMIT = 3
    wrong = {"login": "funder1", "password": "guess"}
    answer = visitor.post("/accounts/login/", wrong)
    assert answer.status_code == 200
    assert 'value="funder1"' in text(answer)
    answers = [visitor.post("/accounts/login/", wrong) for _n in range(3)]
    assert answers[-1].status_code == 429
    assert "quarter of an hour" in text(answers[-1])
