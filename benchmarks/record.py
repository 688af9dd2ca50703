"""The record's price: acts a second, a change with its event against the bare one,
and verifying against reading the same bytes."""

import argparse
import hashlib
import resource
import time
from collections.abc import Iterator

from bench import database, seconds

BATCH = 1000  # rows of one act when many events are made


def acts(number: int, runs: int) -> None:
    """Acts a second, with one row changed and with twenty; of a sweep, which has no
    address, and each in a request of its own, which adds a row for its address."""
    for rows in (1, 20):
        spent = seconds(lambda r=rows: [act(n, r) for n in range(number)], runs)
        print(f"{number / spent:8.0f} acts/s with {rows} rows each")
        spent = seconds(lambda r=rows: [asked(n, r) for n in range(number)], runs)
        print(f"{number / spent:8.0f} acts/s with {rows} rows each, in requests")


def asked(number: int, rows: int) -> None:
    """An act in a request of its own."""
    from audit.origin import Address, comes_from

    with comes_from(Address("192.0.2.7")):
        act(number, rows)


def act(number: int, rows: int) -> None:
    from audit.record import record
    from organisations.models import LegalForm, Organisation

    with record("bench", by="system:bench", target="bench"):
        for row in range(rows):
            Organisation.objects.create(
                name=f"{number}-{rows}-{row}-{time.perf_counter_ns()}",
                legal_form=LegalForm.FILED,
            )


def changes(number: int, runs: int) -> None:
    """One change with its event and its history row, against the bare change."""
    from django.db import connection, models, transaction

    from audit.record import record
    from organisations.models import LegalForm, Organisation

    class Bare(models.Model):
        """The same rows in a table that nobody watches."""

        bank = models.CharField(max_length=80)

        class Meta:
            app_label, managed, db_table = "bench", False, "bench_bare"

        def __str__(self) -> str:
            return self.bank

    with record("bench", by="system:bench", target="bench"):
        changed = Organisation.objects.create(
            name=f"changed {time.perf_counter_ns()}", legal_form=LegalForm.FILED
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_bare AS SELECT * FROM organisations_organisation"
        )
        cursor.execute("CREATE UNIQUE INDEX bench_bare_id ON bench_bare(id)")

    def recorded() -> None:
        for turn in range(number):
            with record("bench", by="system:bench", target="bench"):
                changed.bank = f"{turn}-{time.perf_counter_ns()}"
                changed.save(update_fields=["bank"])

    unwatched = Bare.objects.get(pk=changed.pk)

    def bare() -> None:
        for turn in range(number):
            with transaction.atomic():
                unwatched.bank = f"{turn}-{time.perf_counter_ns()}"
                unwatched.save(update_fields=["bank"])

    with_event, without = seconds(recorded, runs), seconds(bare, runs)
    print(
        f"{with_event / number * 1000:8.2f} ms a change with its event, "
        f"{without / number * 1000:.2f} ms bare: {with_event / without:.1f} x"
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_bare")


def verifying(events: int, kind: str) -> None:
    """Verification with replay, against reading and digesting the same bytes.

    kind: "births", each event the first of a new row with a personal value,
    "changes" of a thousand rows, over and over, or "reads" of a thousand people.
    """
    from django.db import transaction

    from audit.models import Event
    from audit.record import record, record_read
    from audit.verify import verify
    from organisations.models import LegalForm, Organisation

    made = Event.objects.count()
    while made < events:
        if kind == "reads" and made >= BATCH:
            with transaction.atomic():
                for number in range(made, made + BATCH):
                    reader = f"user:{number % 1000}"
                    record_read(by=reader, target="bench", what="tab:money")
            made += BATCH
            continue
        with record("bench", by="system:bench", target="bench"):
            named = f"{made}-{time.perf_counter_ns()}"
            if kind == "changes" and made >= BATCH:
                rows = Organisation.objects.order_by("pk")[:BATCH].values("pk")
                Organisation.objects.filter(pk__in=rows).update(bank=named)
            else:
                Organisation.objects.bulk_create(
                    Organisation(name=f"{named}-{row}", legal_form=LegalForm.FILED)
                    for row in range(BATCH)
                )
        made += BATCH
    counted = Event.objects.count()
    began = time.perf_counter()
    size = sum(digested(Event.objects.order_by("id").values_list("line", flat=True)))
    reading = time.perf_counter() - began
    before = memory()
    began = time.perf_counter()
    report = verify()
    spent = time.perf_counter() - began
    assert not report.findings
    print(
        f"{counted / spent:8.0f} events/s verified: {counted} events ({kind}), "
        f"{size / 2**20:.0f} MiB, {spent:.1f} s, "
        f"{memory() - before:.0f} MiB more memory"
    )
    print(
        f"{reading:8.1f} s to read and digest the same bytes: "
        f"verifying takes {spent / reading:.1f} x"
    )


def digested(lines: Iterator[str]) -> Iterator[int]:
    """The size of each line in bytes, once it has been through SHA-256."""
    for line in lines.iterator():
        content = line.encode()
        hashlib.sha256(content).digest()
        yield len(content)


def memory() -> float:
    """The most that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument(
        "--kind", choices=("births", "changes", "reads"), default="births"
    )
    options = parser.parse_args()
    with database():
        acts(options.acts, options.runs)
        changes(options.acts, options.runs)
        verifying(options.events, options.kind)
