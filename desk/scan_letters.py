"""Who hears of a file in which a virus was found."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from attachments.models import Folder, Version
from desk.messages import people_of_role
from grants.models import Case, Objection, Role, Round
from outbox.registry import Letter, register

INFECTED = "infected"


def infected_letters(verb: str, *, version: Version, **facts: Any) -> Iterator[Letter]:
    """Who uploaded an infected file hears of it, and the programme's officers."""
    params, programme, case_code, url = _about(version.document.folder)
    params |= {"file": version.name}
    people = {}
    if version.uploaded_by is not None:
        people[version.uploaded_by.pk] = version.uploaded_by
    if programme is not None:
        people |= {each.pk: each for each in people_of_role(programme, Role.FUNDER)}
    for person in people.values():
        yield Letter(
            to=person,
            template=INFECTED,
            params=params,
            url=url,
            case_code=case_code,
            binding=True,
        )


def _about(folder: Folder) -> tuple[dict[str, Any], int | None, str, str]:
    """What a folder belongs to: facts for a message, programme, case, its page."""
    cases = Case.objects.select_related("round")
    case = cases.filter(folder=folder).first()
    if case is None:
        objections = Objection.objects.select_related("case__round")
        objection = objections.filter(folder=folder).first()
        case = objection.case if objection else None
    if case is not None:
        programme = case.round.programme_id
        facts = {"code": case.code, "title": case.title, "programme": programme}
        url = reverse("desk:case-detail", args=[case.code])
        return facts, programme, case.code, url
    round_ = Round.objects.filter(folder=folder).first()
    if round_ is None:
        return {}, None, "", ""
    facts = {
        "code": round_.code,
        "title_zh": round_.title_zh,
        "title_en": round_.title_en,
        "programme": round_.programme_id,
    }
    return (
        facts,
        round_.programme_id,
        "",
        reverse("desk:round-detail", args=[round_.code]),
    )


def register_all() -> None:
    register(INFECTED, infected_letters)
