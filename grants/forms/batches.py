"""What the forms of a round's batches read: of one round, or of many at once.

    class DecideListForm(ActionForm):
        @classmethod
        def gather(cls, targets, by):
            keep(targets, scored=scored_by_round(targets))

        def prepare(self):
            ranked = kept(self.target, "scored", scored_by_round)

Every reader takes rounds and answers by their ids, in a fixed number of queries.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Count

from grants.models import Case, Round, Status
from grants.ranking import ranked_cases


def keep(rounds: Iterable[Round], **found: Mapping[int, Any]) -> None:
    """Leave on each round what was read of it, by the reader's name."""
    for round_ in rounds:
        facts = round_.__dict__.setdefault("gathered", {})
        facts.update({name: by_round[round_.pk] for name, by_round in found.items()})


def kept(
    round_: Round, name: str, read: Callable[[list[Round]], Mapping[int, Any]]
) -> Any:
    """What was left on a round, else what is read for it alone (and not left)."""
    facts = round_.__dict__.get("gathered", {})
    return facts[name] if name in facts else read([round_])[round_.pk]


def scored_by_round(rounds: Iterable[Round]) -> dict[int, list[Case]]:
    """The cases that await the committee, the best first; two queries."""
    return _ranked(rounds, Status.SCORED)


def waiting_by_round(rounds: Iterable[Round]) -> dict[int, list[Case]]:
    """The wait list, the best first; two queries."""
    return _ranked(rounds, Status.WAITLISTED)


def _ranked(rounds: Iterable[Round], status: Status) -> dict[int, list[Case]]:
    found: dict[int, list[Case]] = {round_.pk: [] for round_ in rounds}
    cases = Case.objects.filter(round__in=list(found), status=status)
    for case in ranked_cases(cases.select_related("application", "organisation")):
        found[case.round_id].append(case)
    return found


def eligible_by_round(rounds: Iterable[Round]) -> dict[int, list[str]]:
    """The numbers of the cases that await a panel, in order; one query."""
    found: dict[int, list[str]] = {round_.pk: [] for round_ in rounds}
    cases = Case.objects.filter(round__in=list(found), status=Status.ELIGIBLE)
    for round_id, code in cases.order_by("code").values_list("round_id", "code"):
        found[round_id].append(code)
    return found


def decided_by_round(rounds: Iterable[Round]) -> dict[int, int]:
    """How many cases await the notice; one query."""
    found = dict.fromkeys((round_.pk for round_ in rounds), 0)
    cases = Case.objects.filter(round__in=list(found), status=Status.DECIDED)
    rows = cases.order_by().values_list("round_id").annotate(Count("pk"))
    return found | dict(rows)
