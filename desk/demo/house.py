"""The demo's people, organisations, memberships and its programme."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.timezone import now

from audit.record import record
from desk.demo.data import Person, ProjectRow, credit_code, people
from desk.demo.places import CODES, bureau_name, make_districts
from grants.models import Programme, Role
from grants.rules import default_data
from grants.services.programmes import create_programme, grant_role
from organisations.models import LegalForm, MembershipRole, Organisation, User
from organisations.services import add_member, admit_organisation

PASSWORD = "demo"  # noqa: S105 - public, and the demo exists with DEBUG only
PROGRAMME = "GYCT"
AUTHORITY = "杭州市民政局（演示）"
#: Each half of the organisations is served by one person of each kind.
MEMBERS = {
    MembershipRole.APPLICANT: "applicant",
    MembershipRole.LEGAL_REP: "legalrep",
    MembershipRole.FINANCE_CONTACT: "orgfinance",
}
#: Districts whose bureau has an account: district1 and district2.
BUREAUS_WITH_PEOPLE = {"district1": "上城区", "district2": "余杭区"}


@dataclass
class House:
    """What the stories need at hand."""

    people: dict[str, User]
    programme: Programme | None = None
    organisations: dict[str, Organisation] = field(default_factory=dict)
    served: dict[int, str] = field(default_factory=dict)  # "1" or "2"

    def __getitem__(self, username: str) -> User:
        return self.people[username]

    def in_role(self, role: str) -> list[User]:
        """The people of a programme role, by number."""
        return [self.people[p.username] for p in people() if p.role == role]

    def member_of(self, organisation: Organisation, role: str) -> User:
        """Who acts for an organisation in a membership role."""
        return self.people[MEMBERS[MembershipRole(role)] + self.served[organisation.pk]]

    def by_id(self, pk: int) -> User:
        return next(user for user in self.people.values() if user.pk == pk)


def build_house(projects: Iterable[ProjectRow]) -> House:
    """Everything but rounds and cases; one event of the record for each act."""
    house = House(make_people())
    admin = house["admin1"]
    with record("seed_demo", by=admin, target="demo"):
        authority, operator, custodian, bureaus = make_offices(house)
        make_districts(bureaus)
        house.programme = create_programme(
            PROGRAMME,
            ("杭州市社会组织公益创投（演示）", "Public-interest venture grants (demo)"),
            authority,
            operator,
            by=admin,
            rules=demo_rules(),
        )
        for person in people():
            if person.role in Role.values:
                user = house[person.username]
                grant_role(house.programme, person.role, user, by=admin)
        make_applicants(house, projects, custodian)
    return house


def demo_rules() -> dict[str, Any]:
    """The default programme with the service field that 2021's data adds."""
    rules = copy.deepcopy(default_data())
    veterans = {"code": "veterans", "zh": "优抚", "en": "Veterans and families"}
    rules["call"]["categories"].insert(-1, veterans)
    return rules


def make_people() -> dict[str, User]:
    """The accounts; the password's slow hash is computed once for all."""
    password = make_password(PASSWORD)
    with record("create_people", by="system:demo", target="demo"):
        users = User.objects.bulk_create(
            account_of(person, password) for person in people()
        )
    return {user.username: user for user in users}


def account_of(person: Person, password: str) -> User:
    """One account; its mail address lies in a domain that never exists."""
    return User(
        username=person.username,
        name=person.name,
        unit=person.unit,
        email=f"{person.username}@demo.invalid",
        password=password,
        is_administrator=person.role == "administrator",
        is_finance_expert=person.finance_expert,
        date_joined=now(),
    )


def unit_of(house: House, username: str) -> str:
    return house[username].unit


def make_offices(
    house: House,
) -> tuple[Organisation, Organisation, Organisation, dict[str, Organisation]]:
    """The authority, the operator, the custodian and the district bureaus."""
    gov, pne = LegalForm.AUTHORITY, LegalForm.PRIVATE_UNIT
    authority = make_organisation(AUTHORITY, gov, "330100", 900001)
    operator = make_organisation(unit_of(house, "operator1"), pne, "330100", 900002)
    custodian = make_organisation(unit_of(house, "custodian1"), pne, "330100", 900003)
    for username in ("custodian1", "custodian2"):
        role = MembershipRole.FINANCE_CONTACT
        add_member(custodian, user=house[username], role=role, by=house["admin1"])
    bureaus = {
        name: make_organisation(bureau_name(name), gov, code, 900010 + number)
        for number, (name, code) in enumerate(CODES.items())
    }
    for username, district in BUREAUS_WITH_PEOPLE.items():
        role, user = MembershipRole.APPLICANT, house[username]
        add_member(bureaus[district], user=user, role=role, by=house["admin1"])
    return authority, operator, custodian, bureaus


def make_organisation(
    name: str,
    form: LegalForm,
    district_code: str,
    number: int,
    custodian: Organisation | None = None,
) -> Organisation:
    """One organisation; a filed one has a custodian instead of a credit code."""
    filed = form == LegalForm.FILED
    code = "" if filed else credit_code(form, district_code, number)
    return Organisation.objects.create(
        name=name,
        legal_form=form,
        credit_code=code,
        custodian=custodian if filed else None,
        bank="" if filed else "演示银行杭州分行",
        bank_account="" if filed else f"0000{number:015d}",
    )


def make_applicants(
    house: House, projects: Iterable[ProjectRow], custodian: Organisation
) -> None:
    """The organisations of the projects, admitted, with members who may act.

    Every second organisation is served by the first account of each kind, the
    others by the second: so somebody can act on every case of the demo.
    """
    homes = {p.username: p.unit for p in people() if p.role in MEMBERS}
    admin = house["admin1"]
    names = {row.organisation: row for row in projects}
    for number, row in enumerate(names.values(), start=1):
        organisation = make_organisation(
            row.organisation, row.form, CODES[row.district], number, custodian
        )
        admit_organisation(organisation, by=admin)
        house.organisations[row.organisation] = organisation
        server = next(
            (u[-1] for u, unit in homes.items() if unit == row.organisation),
            str(2 - number % 2),
        )
        house.served[organisation.pk] = server
        for role, name in MEMBERS.items():
            add_member(organisation, user=house[name + server], role=role, by=admin)
        if homes["applicant3"] == row.organisation:
            colleague = house["applicant3"]
            add_member(organisation, user=colleague, role="applicant", by=admin)
