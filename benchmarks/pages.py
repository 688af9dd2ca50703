"""Milliseconds and queries of the pages people open most, at two sizes."""

import argparse

from bench import database, seconds

#: What is opened, and by whom ("": anybody).
PAGES = (
    ("/", ""),
    ("/projects/", ""),
    ("/home/", "funder"),
    ("/inbox/", "funder"),
    ("/cases/", "funder"),
    ("/lists/register/", "funder"),
    ("/lists/applications/", "funder"),
    ("/cases/{code}/", "funder"),
    ("/audit/signals/", "auditor"),
)


def fill(running: object, upto: int) -> None:
    """Projects like the one that runs, written in bulk."""
    from audit.record import record
    from grants.models import Application, Case, Project

    first = running.case
    have = Case.objects.count()
    with record("bench", by="system:bench", target="bench"):
        cases = Case.objects.bulk_create(
            Case(
                code=f"BENCH-{number:06d}",
                round=first.round,
                rules=first.rules,
                organisation=first.organisation,
                status=first.status,
                title=f"项目{number}",
                created_by=first.created_by,
                submitted_at=first.submitted_at,
                requested=first.requested,
                awarded=first.awarded,
            )
            for number in range(have, upto)
        )
        facts = first.application
        Application.objects.bulk_create(
            Application(
                case=case,
                category=facts.category,
                period_start=facts.period_start,
                period_end=facts.period_end,
            )
            for case in cases
        )
        Project.objects.bulk_create(
            Project(
                case=case,
                award_no=f"BENCH-{case.pk}",
                award_letter_no="1",
                award_letter_date=facts.period_start,
            )
            for case in cases
        )


def main(sizes: list[int], runs: int) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from audit.testing import ambient_event
    from tests.factories.running import make_running_case

    running = make_running_case()
    clients = {"": Client(), "funder": Client(), "auditor": Client()}
    with ambient_event():
        for name in ("funder", "auditor"):
            person = getattr(running, name)
            backend = "django.contrib.auth.backends.ModelBackend"
            clients[name].force_login(person, backend)
    for size in sizes:
        fill(running, size)
        print(f"-- {size} cases")
        for path, who in PAGES:
            address = path.format(code=running.case.code)
            client = clients[who]

            def get(client=client, address=address) -> None:
                assert client.get(address).status_code == 200, address

            spent = seconds(get, runs)
            with CaptureQueriesContext(connection) as queries:
                get()
            print(f"{1000 * spent:8.1f} ms {len(queries):3} queries  {path}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[118, 10_000])
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    with database():
        main(options.sizes, options.runs)
