"""Programmes, their rules and roles, and the rounds they hold."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from guardian.models import GroupObjectPermission

from attachments.services import open_folder
from audit.record import record
from grants.errors import Invalid, NotYours, WrongState
from grants.lifecycle import ENDED, permissions_of_role
from grants.models import Programme, ProgrammeRules, Role, RoleGroup, Round, Status
from grants.permissions import forget_permissions, has_permission, roles_of
from grants.rules import default_data
from grants.services.gate import lock_round, round_gate
from grants.services.round_setup import (
    Rows,
    pool_rows,
    round_errors,
    spread_pools,
    write_pools,
)
from grants.services.rule_checks import rules_errors
from organisations.models import Organisation, User

#: Called with user, programme and role inside the transaction that ends a
#: role. Higher apps register what must end with it (releasing tasks).
ROLE_HOOKS: list[Callable[[User, Programme, str], None]] = []

#: Who looks over the others' shoulder, and whom they may then not be (A06).
OVERSIGHT = frozenset({Role.AUDITOR, Role.INSPECTOR})
OVERSEEN = frozenset({Role.REVIEWER, Role.COMMITTEE, Role.OPERATOR, Role.FINANCE})

#: What may still change in a round that is published.
CHANGEABLE = frozenset({"review_ends_at", "ends_at"})


def create_programme(
    code: str,
    names: tuple[str, str],
    authority: Organisation,
    operator: Organisation | None,
    *,
    by: User | str,
    rules: dict[str, Any] | None = None,
) -> Programme:
    """A programme with version 1 of its rules and a group for each role.

    names: Chinese, English. rules: the default programme's when not given.
    NotYours unless an administrator asks.
    """
    _require_administrator(by)
    with record("create_programme", by=by, target=code):
        programme = Programme.objects.create(
            code=code,
            name_zh=names[0],
            name_en=names[1],
            authority=authority,
            operator=operator,
        )
        new_rules_version(programme, rules or default_data(), reason="first", by=by)
        _make_role_groups(programme)
    return programme


def _make_role_groups(programme: Programme) -> None:
    """A group for each role; guardian's rows say what it may on the programme."""
    for role in Role:
        group = Group.objects.create(name=f"{programme.code}:{role}")
        RoleGroup.objects.create(programme=programme, role=role, group=group)
    groups = programme.role_groups.select_related("group")
    GroupObjectPermission.objects.bulk_create(missing_permissions(groups))


def missing_permissions(groups: Iterable[RoleGroup]) -> list[GroupObjectPermission]:
    """What groups should hold on their programmes and do not hold yet; unsaved."""
    content_type = ContentType.objects.get_for_model(Programme)
    permissions = Permission.objects.filter(content_type=content_type)
    known = {p.codename: p for p in permissions}
    held = set(
        GroupObjectPermission.objects.filter(content_type=content_type).values_list(
            "group_id", "permission__codename"
        )
    )
    return [
        GroupObjectPermission(
            permission=known[codename],
            content_type=content_type,
            object_pk=str(group.programme_id),
            group=group.group,
        )
        for group in groups
        for codename in sorted(permissions_of_role(Role(group.role)))
        if (group.group_id, codename) not in held
    ]


def give_new_permissions(*, by: str) -> int:
    """After an upgrade: roles hold what new actions ask for; how many rows."""
    groups = RoleGroup.objects.select_related("group")
    if not groups or not (missing := missing_permissions(groups)):
        return 0
    with record("give_new_permissions", by=by):
        GroupObjectPermission.objects.bulk_create(missing)
    return len(missing)


def new_rules_version(
    programme: Programme, data: dict[str, Any], *, reason: str, by: User | str
) -> ProgrammeRules:
    """The next version of a programme's rules; earlier ones stay as they are."""
    with record("change_rules", by=by, target=programme.code, reason=reason):
        last = programme.rules.order_by("-version").first()
        return ProgrammeRules.objects.create(
            programme=programme,
            version=last.version + 1 if last else 1,
            data=data,
            reason=reason,
            created_by=by if isinstance(by, User) else None,
            created_at=now(),
        )


def latest_rules(programme: Programme) -> ProgrammeRules:
    """The version that a new round starts under."""
    return programme.rules.order_by("-version")[0]


# -- roles ---------------------------------------------------------------------


def grant_role(
    programme: Programme, role: str, user: User, *, by: User | str
) -> RoleGroup:
    """Give a person a role in a programme; a repeat changes nothing.

    Who oversees (auditor, inspector) can never also review, decide, operate or
    pay in the same programme: Invalid, with the field `role`.
    """
    _require_administrator(by)
    with record("grant_role", by=by, target=f"{programme.code}:{role}"):
        require_separate(programme, role, user)
        group = RoleGroup.objects.select_related("group").get(
            programme=programme, role=role
        )
        if not user.groups.filter(pk=group.group_id).exists():
            user.groups.add(group.group)
            _note_role(programme, role, user, by=by, holds=True)
    forget_permissions(user)
    return group


def _note_role(
    programme: Programme, role: str, user: User, *, by: User | str, holds: bool
) -> None:
    """Say it in the programme's stream too: a dossier holds that one, not those of
    people, which tell what they read."""
    with record(
        "note_role",
        by=by,
        target=f"{programme.code}:{role}",
        stream=f"{programme._meta.db_table}:{programme.pk}",
        data={"role": str(role), "person": f"user:{user.pk}", "holds": holds},
    ):
        pass


def revoke_role(
    programme: Programme, role: str, user: User, *, by: User | str, reason: str = ""
) -> None:
    """Take a role away: access ends at once, and the hooks release the tasks."""
    _require_administrator(by)
    target = f"{programme.code}:{role}"
    with record("revoke_role", by=by, target=target, reason=reason):
        group = RoleGroup.objects.get(programme=programme, role=role)
        user.groups.remove(group.group_id)
        _note_role(programme, role, user, by=by, holds=False)
        forget_permissions(user)
        for hook in ROLE_HOOKS:
            hook(user, programme, role)


def require_separate(programme: Programme, role: str, user: User) -> None:
    held = set(
        RoleGroup.objects.filter(programme=programme, group__user=user).values_list(
            "role", flat=True
        )
    )
    clash = (role in OVERSIGHT and held & OVERSEEN) or (
        role in OVERSEEN and held & OVERSIGHT
    )
    if clash:
        raise Invalid(
            {
                "role": [
                    _(
                        "%(name)s is %(other)s of this programme: whoever audits or "
                        "inspects may not also review, decide, operate or pay."
                    )
                    % {"name": user, "other": Role(min(clash)).label}
                ]
            }
        )


def _require_administrator(by: User | str) -> None:
    if not isinstance(by, str) and not (by.is_active and by.is_administrator):
        raise NotYours()


# -- rounds --------------------------------------------------------------------


def create_round(programme: Programme, *, by: User | str, **fields: Any) -> Round:
    """Set up a round; nobody else sees it before it is published.

    fields: those of the model, notice_working_days (5 to 15), which makes a new
    version of the rules where it differs, and `pools`, rows of FundPool (or one
    by `pool`, `fund_source` and `budget_document`). Invalid names each wrong field.
    """
    _require_set_up(programme, by)
    with record("create_round", by=by, target=fields.get("code", "")):
        fields["rules"] = _rules_with(programme, fields, by=by)
        pools = spread_pools(fields)
        round_ = Round(programme=programme, **fields)
        _require_valid(round_, pools)
        round_.save()
        write_pools(round_, pools)
        round_.folder = open_folder("round", stream=f"grants_round:{round_.pk}")
        round_.save(update_fields=["folder"])
    return round_


def update_round(round_: Round, *, by: User | str, **fields: Any) -> Round:
    """Change a round: anything before it is published, later its end dates only."""
    _require_set_up(round_.programme, by)
    with record("update_round", by=by, target=round_.code):
        lock_round(round_)
        if round_.closed_at:
            raise WrongState(_("The round is closed already."), code="closed")
        changed = {
            n for n, v in fields.items() if v is not None and _differs(round_, n, v)
        }
        if round_.published_at and not changed <= CHANGEABLE:
            message = _("The round is published: this can no longer change.")
            raise Invalid({name: [message] for name in sorted(changed - CHANGEABLE)})
        if fields.get("notice_working_days") is not None:
            fields["rules"] = _rules_with(round_.programme, fields, by=by)
        fields.pop("notice_working_days", None)
        pools = spread_pools(fields, round_)
        for name, value in fields.items():
            setattr(round_, name, value)
        _require_valid(round_, pools)
        round_.save()
        write_pools(round_, pools)
    return round_


def publish_round(round_: Round, *, by: User | str) -> Round:
    """Publish the call. The operator drafts, the bureau publishes (OFFICER §0.3).

    Invalid names what is wrong by field, and by "rules.<path>" in its rules.
    """
    _require_set_up(round_.programme, by)
    if isinstance(by, User) and (round_.programme_id, Role.FUNDER) not in roles_of(by):
        raise NotYours(_("The bureau publishes a round, not its operator."))
    with record("publish_round", by=by, target=round_.code):
        lock_round(round_)
        if round_.published_at:
            raise WrongState(_("The round is already published."))
        _require_valid(round_)
        if errors := rules_errors(round_.rules.data):
            raise Invalid({f"rules.{path}": found for path, found in errors.items()})
        if round_.closes_at <= now():
            raise Invalid({"closes_at": [_("The call would already be over.")]})
        round_.published_at = now()
        round_.save()
    return round_


@round_gate("close_round")
def close_round(round_: Round, *, by: User) -> Round:
    """Close a round for good: nothing of it can change any more.

    WrongState while the call is not over, and while cases are unfinished: it
    says how many there are in which status. Ended are those of `ENDED`.
    """
    if not round_.published_at or now() < round_.closes_at:
        raise WrongState(_("The call is not over yet."), code="call_open")
    if round_.closed_at:
        raise WrongState(_("The round is closed already."), code="closed")
    if unfinished := unfinished_of(round_):
        total = sum(unfinished.values())
        named = "; ".join(f"{Status(s).label}: {n}" for s, n in unfinished.items())
        message = ngettext(
            "%(total)s case of this round is not finished (%(named)s).",
            "%(total)s cases of this round are not finished (%(named)s).",
            total,
        )
        raise WrongState(
            message % {"total": total, "named": named}, code="cases_unfinished"
        )
    round_.closed_at = now()
    round_.save()
    return round_


def unfinished_of(round_: Round) -> dict[str, int]:
    """How many cases have not ended, by status, in the order of the road."""
    rows = round_.cases.exclude(status__in=ENDED).order_by().values_list("status")
    counts = dict(rows.annotate(n=Count("pk")))
    return {s: counts[s] for s in Status.values if s in counts}


def _require_valid(round_: Round, pools: Rows | None = None) -> None:
    names = [f.name for f in Round._meta.fields]
    values = {n: getattr(round_, n) for n in names} | {"pools": pools}
    errors = round_errors(values)
    if Round.objects.filter(code=round_.code).exclude(pk=round_.pk).exists():
        errors["code"] = [_("There is already a round with this code.")]
    if errors:
        raise Invalid(errors)


def _rules_with(
    programme: Programme, fields: dict[str, Any], *, by: User | str
) -> ProgrammeRules:
    """The latest rules, or a new version with the round's notice period."""
    rules = fields.get("rules") or latest_rules(programme)
    days = fields.pop("notice_working_days", None)
    if days is None or days == rules.data["notice"]["working_days"]:
        return rules
    if errors := round_errors({"notice_working_days": days}):
        raise Invalid(errors)
    data = rules.data | {"notice": {"working_days": days}}
    return new_rules_version(programme, data, reason="notice.working_days", by=by)


def _differs(round_: Round, name: str, value: Any) -> bool:
    if name == "notice_working_days":
        return value != round_.rules.data["notice"]["working_days"]
    if name == "pools":
        return value != pool_rows(round_)
    old = getattr(round_, name)
    if isinstance(old, Decimal):
        return old != Decimal(value)
    return old != value


def _require_set_up(programme: Programme, by: User | str) -> None:
    allowed = isinstance(by, str) or has_permission(by, "set_up_round", programme.pk)
    if not allowed:
        raise NotYours()
