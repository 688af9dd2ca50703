"""Reads about people and organisations."""

from organisations.models import ApiToken, Membership, User


def memberships_of(user: User) -> list[Membership]:
    """Active memberships, fetched once per user object."""
    cached = getattr(user, "_active_memberships", None)
    if cached is None:
        cached = list(
            Membership.objects.filter(user=user, ended_at=None).select_related(
                "organisation"
            )
        )
        user._active_memberships = cached  # type: ignore[attr-defined]
    return cached


def organisation_ids_of(user: User, *roles: str) -> list[int]:
    """Organisations in which the user is a member (with one of `roles`)."""
    return sorted(
        {
            m.organisation_id
            for m in memberships_of(user)
            if not roles or m.role in roles
        }
    )


def tokens_of(user: User) -> list[ApiToken]:
    """The tokens with which programs may act as this person, the newest first."""
    return list(user.tokens.filter(revoked_at=None).order_by("-pk"))


def user_of_token(token: str) -> User | None:
    """The active person behind an API token, or None."""
    row = (
        ApiToken.objects.select_related("user")
        .filter(digest=ApiToken.digest_of(token), revoked_at=None)
        .first()
    )
    return row.user if row and row.user.is_active else None
