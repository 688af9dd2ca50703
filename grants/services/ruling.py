"""New versions of a programme's rules, and which version a round takes.

A version is never changed. A draft round takes the newest as it is made; a
published round changes its version only when the bureau says so, with the
reason, and only for cases that begin afterwards.
"""

from typing import Any

from django.utils.translation import gettext as _

from audit.record import record
from grants.errors import Invalid, NotYours, Stale, WrongState
from grants.models import Programme, ProgrammeRules, Role, Round
from grants.permissions import has_permission, roles_of
from grants.services.gate import lock_round
from grants.services.programmes import latest_rules, new_rules_version
from grants.services.rule_checks import rules_errors
from organisations.models import User

REASON_MAX = 200


def change_rules(
    programme: Programme, data: dict[str, Any], *, base: int, reason: str, by: User
) -> ProgrammeRules:
    """The next version of the rules; drafts of rounds take it at once.

    base: the version that `data` was made of. Stale if there is a newer one,
    Invalid by path for rules that cannot be, without a reason or a change.
    NotYours for who may not set up rounds.
    """
    if not has_permission(by, "set_up_round", programme.pk):
        raise NotYours()
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    if len(reason) > REASON_MAX:
        raise Invalid({"reason": [_("This is too long.")]})
    if errors := rules_errors(data):
        raise Invalid(errors)
    with record("change_rules", by=by, target=programme.code, reason=reason):
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        newest = latest_rules(programme)
        if newest.version != base:
            raise Stale(
                _("Version %(version)s was made meanwhile: look at it first.")
                % {"version": newest.version}
            )
        if newest.data == data:
            raise Invalid({"__all__": [_("Nothing was changed.")]})
        rules = new_rules_version(programme, data, reason=reason, by=by)
        for round_ in programme.rounds.filter(published_at=None).order_by("pk"):
            lock_round(round_)
            round_.rules = rules
            round_.save()
    return rules


def use_rules(round_: Round, version: int, *, reason: str, by: User) -> Round:
    """New cases of a published round run under another version of the rules.

    Cases that exist keep theirs. The bureau does it, not its operator; Invalid
    names the version or the reason, WrongState once the call is over.
    """
    if (round_.programme_id, Role.FUNDER) not in roles_of(by):
        raise NotYours(_("The bureau changes the rules of a round, not its operator."))
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    with record("use_rules", by=by, target=round_.code, reason=reason) as event:
        lock_round(round_)
        if round_.closed_at:
            raise WrongState(_("The round is closed already."), code="closed")
        rules = round_.programme.rules.filter(version=version).first()
        if rules is None or rules.pk == round_.rules_id:
            raise Invalid({"version": [_("Choose another version.")]})
        event.data = {"from": round_.rules.version, "to": rules.version}
        round_.rules = rules
        round_.save()
    return round_
