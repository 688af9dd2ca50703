"""Changes to people, organisations, memberships and tokens."""

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.timezone import now

from audit.record import record
from organisations.models import (
    ApiToken,
    Membership,
    Organisation,
    OrganisationProfile,
    User,
)
from organisations.selectors import tokens_of

#: Called with the user who left and the organisation, inside the transaction.
#: Higher apps register what must end with a membership (releasing tasks).
LEAVER_HOOKS: list[Callable[[User, Organisation], None]] = []


def admit_organisation(organisation: Organisation, *, by: User) -> Organisation:
    """Let an organisation apply; the administrator's act."""
    with record("admit_organisation", by=by, target=f"org:{organisation.pk}"):
        organisation.admitted_at = organisation.admitted_at or now()
        organisation.save(update_fields=["admitted_at"])
    return organisation


def add_member(
    organisation: Organisation, *, user: User, role: str, by: User | str
) -> Membership:
    """Give a person a role in an organisation; a repeat changes nothing."""
    with record("add_member", by=by, target=f"org:{organisation.pk}"):
        membership, _ = Membership.objects.get_or_create(
            organisation=organisation,
            user=user,
            role=role,
            ended_at=None,
            defaults={"since": now()},
        )
    return membership


def end_membership(membership: Membership, *, by: User, reason: str = "") -> None:
    """End a membership: access goes at once, open tasks are released."""
    with record(
        "end_membership",
        by=by,
        target=f"org:{membership.organisation_id}",
        reason=reason,
    ):
        membership.ended_at = now()
        membership.save(update_fields=["ended_at"])
        for hook in LEAVER_HOOKS:
            hook(membership.user, membership.organisation)


def deactivate_user(user: User, *, by: User, reason: str = "") -> None:
    """Close an account; its rows and its history stay."""
    with record("deactivate_user", by=by, target=f"user:{user.pk}", reason=reason):
        user.is_active = False
        user.save(update_fields=["is_active"])
        for membership in user.memberships.filter(ended_at=None):
            end_membership(membership, by=by, reason=reason)
        for token in tokens_of(user):
            revoke_token(token, by=by)


def issue_token(user: User, *, by: User | str) -> str:
    """A new personal token; shown once, only its digest is stored."""
    token = f"wg_{secrets.token_urlsafe(30)}"
    with record("issue_token", by=by, target=f"user:{user.pk}"):
        ApiToken.objects.create(
            user=user, digest=ApiToken.digest_of(token), created_at=now()
        )
    return token


def revoke_token(token: ApiToken, *, by: User) -> bool:
    """The token opens nothing any more; its row stays. False: it was revoked before."""
    rows = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if not rows.exists():
        return False
    with record("revoke_token", by=by, target=f"user:{token.user_id}"):
        return bool(rows.update(revoked_at=now()))


def create_person(*, by: User, password: str, **fields: str) -> User:
    """A new account with its first password, which the person changes."""
    with record("create_person", by=by) as event:
        user = User(**fields)
        user.set_password(password)
        user.save()
        event.target = f"user:{user.pk}"
    return user


def create_organisation(*, by: User | str, **fields: Any) -> Organisation:
    """Register an organisation; it may apply once it is admitted."""
    with record("create_organisation", by=by) as event:
        organisation = Organisation(**fields)
        organisation.save()
        event.target = f"org:{organisation.pk}"
    return organisation


def record_account(
    organisation: Organisation, *, by: User, bank: str, bank_account: str
) -> Organisation:
    """Where the organisation is paid; a repeat changes nothing.

    bank: the branch that keeps the account. bank_account: its figures only.
    """
    organisation.refresh_from_db()
    if (organisation.bank, organisation.bank_account) == (bank, bank_account):
        return organisation
    with record("record_account", by=by, target=f"org:{organisation.pk}"):
        organisation.bank, organisation.bank_account = bank, bank_account
        organisation.save(update_fields=["bank", "bank_account"])
    return organisation


def record_profile(
    organisation: Organisation, *, by: User, **facts: Any
) -> OrganisationProfile:
    """What the organisation says of itself; a repeat changes nothing.

    facts: fields of OrganisationProfile, checked by the caller's form.
    """
    profile = OrganisationProfile.objects.filter(organisation=organisation).first()
    if profile is None:
        profile = OrganisationProfile(organisation=organisation)
    elif all(getattr(profile, name) == value for name, value in facts.items()):
        return profile
    with record("record_profile", by=by, target=f"org:{organisation.pk}"):
        for name, value in facts.items():
            setattr(profile, name, value)
        profile.updated_by, profile.updated_at = by, now()
        profile.save()
    return profile


def choose_language(user: User, language: str) -> None:
    """The language of a person's pages and mails; a repeat changes nothing."""
    if user.language == language:
        return
    with record("choose_language", by=user, target=f"user:{user.pk}"):
        user.language = language
        user.save(update_fields=["language"])


def exclude(organisation: Organisation, *, until: date, reason: str) -> None:
    """Keep an organisation from applying until a day, inside the caller's event.

    A longer exclusion that runs already stays as it is.
    """
    organisation.refresh_from_db(
        from_queryset=Organisation.objects.select_for_update(no_key=True)
    )
    if organisation.excluded_until is None or organisation.excluded_until < until:
        organisation.excluded_until = until
        organisation.exclusion_reason = reason[:400]
        organisation.save(update_fields=["excluded_until", "exclusion_reason"])


def end_exclusion(organisation: Organisation, *, until: date) -> None:
    """Lift the exclusion that ends on a day, inside the caller's event."""
    organisation.refresh_from_db(
        from_queryset=Organisation.objects.select_for_update(no_key=True)
    )
    if organisation.excluded_until == until:
        organisation.excluded_until = None
        organisation.exclusion_reason = ""
        organisation.save(update_fields=["excluded_until", "exclusion_reason"])
