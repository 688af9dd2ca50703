"""Acts a second through the record, and rows a second of its verification."""

import argparse
import time

from bench import database, seconds


def main(acts: int, runs: int) -> None:
    from audit.record import record
    from audit.verify import verify
    from organisations.models import LegalForm, Organisation

    def act(number: int, rows: int) -> None:
        with record("bench", by="system:bench", target="bench"):
            for row in range(rows):
                Organisation.objects.create(
                    name=f"{number}-{rows}-{row}-{time.perf_counter_ns()}",
                    legal_form=LegalForm.FILED,
                )

    for rows in (1, 20):
        spent = seconds(lambda r=rows: [act(n, r) for n in range(acts)], runs)
        print(f"{acts / spent:8.0f} acts/s with {rows} rows each")
    began = time.perf_counter()
    report = verify()
    spent = time.perf_counter() - began
    events = report.counts["events"]
    print(f"{events / spent:8.0f} events/s verified ({events} events)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with database():
        main(options.acts, options.runs)
