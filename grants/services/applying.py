"""Asking: drafts, submitting, correcting, withdrawing."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from attachments.services import open_folder
from grants.calendar import today
from grants.errors import Invalid, Late, NotYours, WrongState
from grants.lifecycle import APPLICANT, ENDED
from grants.models import (
    Application,
    Case,
    District,
    Programme,
    Round,
    Status,
)
from grants.rules import Rules, budget_rules_of, rules_of
from grants.services.budget import budget_errors, budget_warnings
from grants.services.gate import act, gate, lock_round, set_status
from grants.services.grace import waits_until, with_grace
from grants.services.proposal import (
    ON_APPLICATION,
    ON_CASE,
    REQUEST,
    REQUIRED,
    TABLES,
    TITLE_MAX,
    as_typed,
    funding_warnings,
    number_errors,
    replace_rows,
    rows_of,
    table_errors,
    text_errors,
)
from grants.services.questions import (
    answer_errors,
    extra_names,
    keep_answers,
    stored_answers,
)
from grants.services.round_setup import cap_of
from grants.services.submitted import keep_submitted_form
from organisations.models import Organisation, User
from organisations.selectors import organisation_ids_of

# -- drafts ----------------------------------------------------------------------


def create_draft(round_: Round, organisation: Organisation, *, by: User) -> Case:
    """Begin an application: the case, its number, its folder.

    The number (GYCT-2026-CITY-0001) counts within programme, year and tier.
    NotYours for who may not apply for the organisation, Late outside the call,
    WrongState when the organisation has its applications already.
    """
    with act("create_draft", by=by, target=round_):
        lock_round(round_)
        _require_may_apply(round_, organisation, by)
        _require_call_open(round_)
        _require_no_other_case(round_, organisation)
        case = Case.objects.create(
            code=_next_code(round_),
            round=round_,
            rules_id=round_.rules_id,
            organisation=organisation,
            created_by=by,
            created_at=now(),
            status_since=now(),
        )
        case.folder = open_folder("case", stream=f"case:{case.pk}")
        case.save(update_fields=["folder"])
        Application.objects.create(case=case)
    return case


# -- submitting ------------------------------------------------------------------


@gate("submit_application")
def submit_application(
    case: Case, *, by: User, budget: list[dict[str, Any]], **fields: Any
) -> Application:
    """Hand the application in, before the call closes by the server's clock.

    fields: proposal.FIELDS without the budget; amounts in CNY. Late after the deadline,
    Invalid with every wrong field named.
    """
    _require_may_apply(case.round, case.organisation, by)
    if not has_own_term(case):
        _require_call_open(case.round, with_grace(case, case.round.closes_at))
    values = {"budget": budget, **fields}
    _require_valid(case, values)
    application = _store(case, values)
    case.submitted_at = now()
    set_status(case, Status.SCREENING)
    application.save()
    keep_submitted_form(case, by=by, values=stored_values(case))
    return application


@gate("resubmit")
def resubmit(case: Case, *, by: User, **fields: Any) -> Application:
    """Hand in the corrected fields, those and no others (补正)."""
    application = case.application
    due = application.correction_due
    if due and now() >= with_grace(case, due):
        raise Late(_("The time for the correction is over."))
    asked = set(application.fields_to_correct)
    missing = asked - set(fields)
    unasked = set(fields) - asked
    if missing or unasked:
        raise Invalid(
            {n: [_("This field is required.")] for n in sorted(missing)}
            | {n: [_("This field was not returned.")] for n in sorted(unasked)}
        )
    stored = stored_values(case)
    _require_valid(case, stored | fields)
    application.handed_in_before = _kept(stored, sorted(asked))
    application = _store(case, fields)
    application.fields_to_correct = []
    application.correction_due = None
    set_status(case, Status.SCREENING)
    application.save()
    keep_submitted_form(case, by=by, values=stored_values(case))
    return application


def _kept(stored: dict[str, Any], names: list[str]) -> str:
    """What a correction replaces, as JSON, for who compares before and after."""
    values = {name: stored[name] for name in names}
    if "district" in values:
        values["district"] = getattr(values["district"], "code", "")
    return json.dumps({n: as_typed(v) for n, v in values.items()}, ensure_ascii=False)


@gate("withdraw")
def withdraw(case: Case, *, by: User, reason: str) -> None:
    """Take the application back, until the review starts (OFFICER §0.9)."""
    application = case.application
    application.end_reason = reason
    application.save()
    set_status(case, Status.WITHDRAWN)


@gate("expire_draft")
def expire_draft(case: Case, *, by: User | str) -> None:
    """A draft that was not submitted when the call closed (system)."""
    if now() < waits_until(case, draft_ends(case)):
        raise WrongState(_("The call is still open."))
    set_status(case, Status.EXPIRED)


def has_own_term(case: Case) -> bool:
    """Whether the draft was reopened and may still come after the call."""
    ends = case.application.term_ends
    return ends is not None and now() < with_grace(case, ends)


def draft_ends(case: Case) -> datetime:
    """When a draft expires: with the call, or with a term of its own."""
    closes, own = case.round.closes_at, case.application.term_ends
    return closes if own is None else max(closes, own)


# -- what an application must satisfy ----------------------------------------------


def stored_values(case: Case, kind: str = REQUEST) -> dict[str, Any]:
    """The application as it stands in the rows, by the names of proposal.FIELDS."""
    values: dict[str, Any] = {n: getattr(case, n) for n in ON_CASE}
    values |= {n: getattr(case.application, n) for n in ON_APPLICATION}
    values["amount"] = case.requested
    values |= stored_answers(case.application, case.round)
    return values | {name: rows_of(case, name, kind) for name in TABLES}


def application_errors(case: Case, values: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with an application, by path of the field.

    The form asks too, so that a page shows everything at once. A value that
    is missing from `values` altogether is left to the form.
    """
    rules = rules_of(case)
    errors = text_errors(values) | number_errors(values, today(now()))
    errors |= table_errors(rules, values)
    errors |= _title_errors(values)
    errors |= _choice_errors(case, rules, values)
    errors |= period_errors(case.round, rules, values) | answer_errors(case, values)
    amount = values.get("amount")
    if amount is not None:
        if error := amount_error(cap_of(case.round, case.organisation), amount):
            errors["amount"] = [error]
        if values.get("budget") is not None:
            own = budget_rules_of(case)
            errors |= budget_errors(own, values["budget"], grant=amount)
    return errors


def application_warnings(case: Case, values: dict[str, Any]) -> list[str]:
    """What is worth a second look but blocks nothing; values may be incomplete."""
    amount, budget = values.get("amount"), values.get("budget")
    warnings = funding_warnings(values)
    if amount is not None and budget:
        warnings += budget_warnings(budget_rules_of(case), budget, grant=amount)
    return warnings


def amount_error(cap: Decimal, amount: Decimal) -> str | None:
    """Why this amount cannot be asked for; over the cap it is invalid (X8)."""
    if amount <= 0:
        return _("Enter an amount above zero.")
    if amount > cap:
        return _(
            "The cap of this round is %(cap)s yuan a project; "
            "%(amount)s yuan is %(over)s yuan too much."
        ) % {
            "cap": f"{cap:,.2f}",
            "amount": f"{amount:,.2f}",
            "over": f"{amount - cap:,.2f}",
        }
    return None


def districts_of(round_: Round) -> Iterable[District]:
    """The districts that were valid on the day the call opened.

    Read once per round object: they end with a reform, never within a request.
    """
    cache = round_.__dict__
    if "_districts" not in cache:
        valid = districts_on(today(round_.opens_at))
        named = set(round_.districts)
        cache["_districts"] = [d for d in valid if not named or d.code in named]
    return cache["_districts"]


def themes_of(round_: Round, rules: Rules) -> dict[str, dict[str, str]]:
    """The service fields of a round, by code: all, or those that it names."""
    themes = {c["code"]: c for c in rules.categories}
    return {k: v for k, v in themes.items() if not round_.themes or k in round_.themes}


def districts_on(day: date) -> Iterable[District]:
    """Districts valid on a day (the reform of April 2021 ended some)."""
    valid = District.objects.filter(valid_from__lte=day).order_by("code")
    return [d for d in valid if d.valid_to is None or d.valid_to >= day]


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last day of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _title_errors(values: dict[str, Any]) -> dict[str, list[str]]:
    title = values.get("title")
    if title is not None and not title.strip():
        return {"title": [_("Enter the name of the project.")]}
    if title is not None and len(title) > TITLE_MAX:
        return {
            "title": [
                _("At most %(max)s characters; this name has %(count)s.")
                % {"max": TITLE_MAX, "count": len(title)}
            ]
        }
    return {}


def _choice_errors(
    case: Case, rules: Rules, values: dict[str, Any]
) -> dict[str, list[str]]:
    errors = {}
    category = values.get("category")
    if category is not None and category not in themes_of(case.round, rules):
        errors["category"] = [_("Choose one of the service fields.")]
    district = values.get("district")
    if "district" in values and district not in districts_of(case.round):
        errors["district"] = [_("Choose a district that existed at the call.")]
    return errors


def period_errors(
    round_: Round, rules: Rules, values: dict[str, Any]
) -> dict[str, list[str]]:
    """Inside the round's window, and of as many months as the rules say."""
    start, end = values.get("period_start"), values.get("period_end")
    errors = {}
    window = {
        "first": round_.project_starts_on.isoformat(),
        "last": round_.project_ends_on.isoformat(),
    }
    outside = _("Projects of this round run from %(first)s to %(last)s.") % window
    if start is not None and start < round_.project_starts_on:
        errors["period_start"] = [outside]
    if end is not None and end > round_.project_ends_on:
        errors["period_end"] = [outside]
    if start is None or end is None or errors:
        return errors
    least, most = rules.cycle_months
    after = date.fromordinal(end.toordinal() + 1)
    if not months_after(start, least) <= after <= months_after(start, most):
        errors["period_end"] = [
            _("A project takes %(least)s to %(most)s months.")
            % {"least": least, "most": most}
        ]
    return errors


def _require_valid(case: Case, values: dict[str, Any]) -> None:
    missing = {n for n in REQUIRED if values.get(n) in (None, "", [])}
    values = dict.fromkeys(extra_names(case.round)) | values
    errors = application_errors(case, {**dict.fromkeys(missing), **values})
    for name in sorted(missing - set(errors)):
        errors[name] = [_("This field is required.")]
    if errors:
        raise Invalid(errors)


def _store(case: Case, values: dict[str, Any]) -> Application:
    application = case.application
    for name in ON_CASE:
        if name in values:
            setattr(case, name, values[name])
    for name in ON_APPLICATION:
        if name in values:
            setattr(application, name, values[name])
    if "amount" in values:
        case.requested = values["amount"]
    for name in TABLES:
        if name in values:
            replace_rows(case, name, values[name])
    keep_answers(application, case.round, values)
    return application


# -- who may ask, and when ----------------------------------------------------------


def _require_may_apply(round_: Round, organisation: Organisation, by: User) -> None:
    if organisation.pk not in organisation_ids_of(by, *APPLICANT):
        raise NotYours()
    if organisation.admitted_at is None:
        raise NotYours(_("This organisation has not been admitted yet."))
    until = organisation.excluded_until
    if until is not None and today(now()) <= until:
        raise NotYours(
            _("This organisation is excluded until %(day)s.")
            % {"day": until.isoformat()}
        )
    programme = round_.programme
    if organisation.pk in (programme.operator_id, programme.authority_id):
        raise NotYours(_("Who runs the round may not apply in it."))


def _require_call_open(round_: Round, closes: datetime | None = None) -> None:
    at = now()
    if round_.published_at is None or round_.closed_at or at < round_.opens_at:
        raise WrongState(_("The call is not open."))
    if at >= (closes or round_.closes_at):
        raise Late(_("The call is closed."))


def _require_no_other_case(round_: Round, organisation: Organisation) -> None:
    most = rules_of(round_).max_applications
    live = round_.cases.filter(organisation=organisation).exclude(status__in=ENDED)
    if live.count() >= most:
        raise WrongState(
            ngettext(
                "The organisation has its one application in this round already.",
                "The organisation has its %(most)s applications already.",
                most,
            )
            % {"most": most},
            code="one_application",
        )


def _next_code(round_: Round) -> str:
    """Consecutive; the programme's row is the lock where rounds share a year."""
    programme = Programme.objects.select_for_update(no_key=True).get(
        pk=round_.programme_id
    )
    taken = Case.objects.filter(
        round__programme=programme, round__year=round_.year, round__tier=round_.tier
    ).count()
    return f"{programme.code.upper()}-{round_.year}-{round_.tier}-{taken + 1:04d}"
