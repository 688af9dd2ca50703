"""Where the money of a case goes, and who reads the account's number in full.

In full: the organisation itself and its custodian, finance officers, and the
bureau's officers who sign the agreement or approve the payment (OFFICER §2).
Everybody else reads the last four figures.
"""

from audit.record import shows
from grants.models import Case, Tranche
from grants.permissions import has_permission
from organisations.models import MembershipRole, Organisation, User
from organisations.selectors import memberships_of

#: Whoever may take one of these acts in a programme.
READERS = ("countersign", "register_receipt", "approve_payment", "record_payment")
#: Who enters the account of their organisation.
KEEPERS = (MembershipRole.LEGAL_REP, MembershipRole.FINANCE_CONTACT)
#: Who keeps the profile of their organisation.
PROFILE_KEEPERS = (MembershipRole.APPLICANT, MembershipRole.LEGAL_REP)
OPEN_FIGURES = 4


def payee_of(case: Case) -> Organisation:
    """Who is paid: the custodian of an organisation without an account (A12)."""
    return case.organisation.custodian or case.organisation


def sees_accounts(user: User, programme_id: int) -> bool:
    """Whether somebody reads the accounts of a programme's payees in full."""
    return any(has_permission(user, name, programme_id) for name in READERS)


def sees_account_of(user: User, case: Case) -> bool:
    """The same for one case, where the payee's own people are let in, too."""
    own = {case.organisation_id, case.organisation.custodian_id}
    return sees_accounts(user, case.round.programme_id) or any(
        m.organisation_id in own for m in memberships_of(user)
    )


def may_keep_account(user: User, organisation: Organisation) -> bool:
    """Whether somebody enters the account of this organisation."""
    return any(
        m.organisation_id == organisation.pk and m.role in KEEPERS
        for m in memberships_of(user)
    )


def may_keep_profile(user: User, organisation: Organisation) -> bool:
    """Whether somebody changes what this organisation says of itself."""
    return any(
        m.organisation_id == organisation.pk and m.role in PROFILE_KEEPERS
        for m in memberships_of(user)
    )


def masked(number: str) -> str:
    """A number with its last four figures only; of a short one none."""
    open_ = number[-OPEN_FIGURES:] if len(number) >= 2 * OPEN_FIGURES else ""
    return "*" * (len(number) - len(open_)) + open_


def shown(number: str, *, full: bool) -> str:
    return number if full else masked(number)


def note_shown(user: User, case: Case, *numbers: str) -> None:
    """That an office reads these numbers in full is on record; not of the payee's own
    people."""
    if any(numbers) and sees_accounts(user, case.round.programme_id):
        shows()


def account_of(tranche: Tranche) -> tuple[str, str]:
    """Bank and number of a payment: as asked for, else as the payee has entered."""
    payee = payee_of(tranche.case)
    if tranche.account:
        return tranche.bank, tranche.account
    return payee.bank, payee.bank_account
