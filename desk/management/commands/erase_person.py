"""``manage.py erase_person``: what the record and the tables know of a person goes,
on lawful request (PIPL article 47); docs/erasure.md says what stays, and why."""

import argparse
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import actor_of, own_stream
from audit.forgetting import Found, Person, Place, find, forget, scrub
from desk.forgetting import KEPT, person_of, places_in_words, streams_in_words
from grants.models import Case
from organisations.models import User

MOST = 40  # places and streams that are listed one by one


class Command(BaseCommand):
    help = "Erase a person's data, on record. Without --carry-out: only show it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.add_argument("--user", metavar="USERNAME", help="who has an account")
        parser.add_argument(
            "--text",
            action="append",
            default=[],
            help="a name, telephone or e-mail, wherever it stands; again for more",
        )
        parser.add_argument(
            "--in",
            dest="streams",
            action="append",
            default=[],
            metavar="CODE",
            help="only in this case (or stream of the record); again for more: "
            "a name may be that of several people",
        )
        parser.add_argument("--carry-out", action="store_true")
        parser.add_argument("--by", metavar="USERNAME", help="who carries it out")
        parser.add_argument("--request", help="who asked, and on what authority")
        parser.add_argument("--reason-code", default="PIPL-47")
        parser.add_argument("--confirm", metavar="TEXT", help="the first text, again")

    def handle(self, *args: Any, **options: Any) -> None:
        person, user = self._person(options)
        streams = self._streams(options["streams"])
        found = find(person, streams)
        self._show(found)
        if not options["carry_out"]:
            self.stdout.write(_("Nothing was changed: this was a dry run."))
            return
        by = self._by(options, person)
        with transaction.atomic():
            erased = forget(
                person,
                found,
                by=by,
                reason=options["request"],
                reason_code=options["reason_code"],
                target=f"user:{user.pk}" if user else "",
                stream=own_stream(actor_of(by)),
            )
            cleaned = scrub(person) if streams is None else Counter()
        told = _("%(values)d personal values erased, %(rows)d live values masked.")
        said = told % {"values": erased, "rows": len(found.rows)}
        self.stdout.write(self.style.SUCCESS(said))
        for table, rows in sorted(cleaned.items()):
            told = _("Outside of the record, %(table)s: %(rows)d rows masked.")
            self.stdout.write(told % {"table": table, "rows": rows})

    def _person(self, options: dict[str, Any]) -> tuple[Person, User | None]:
        user = None
        if options["user"]:
            user = User.objects.filter(username=options["user"]).first()
            if user is None:
                raise CommandError(_("There is no such account."))
            if user.is_active:
                told = _("Close the account first, so that its work goes on.")
                raise CommandError(told)
        try:
            person = person_of(user, options["text"])
        except ValueError as error:
            raise CommandError(str(error))
        if not person.texts and not person.whole:
            raise CommandError(_("Say who it is: --user or --text."))
        return person, user

    def _streams(self, codes: list[str]) -> set[str] | None:
        if not codes:
            return None
        cases = dict(Case.objects.filter(code__in=codes).values_list("code", "pk"))
        unknown = [c for c in codes if c not in cases and ":" not in c]
        if unknown:
            told = _("There is no case %(code)s.")
            raise CommandError(told % {"code": ", ".join(unknown)})
        return {f"case:{cases[c]}" if c in cases else c for c in codes}

    def _by(self, options: dict[str, Any], person: Person) -> User:
        """Who carries it out; CommandError unless all is said that must be."""
        if not options["request"]:
            told = _("Say who asked and on what authority: --request.")
            raise CommandError(told)
        by = User.objects.filter(username=options["by"] or "", is_active=True).first()
        if by is None or not by.is_administrator:
            raise CommandError(_("Say which administrator carries it out: --by."))
        first = (*person.texts, *person.whole)[0]
        if options["confirm"] != first:
            told = _("Nothing was changed. To go on, repeat it: --confirm %(text)s")
            raise CommandError(told % {"text": first})
        return by

    # -- telling

    def _show(self, found: Found) -> None:
        self._places(_("Live values to be masked:"), found.rows)
        values = {digest for digests in found.digests.values() for digest in digests}
        told = _("Personal values of the record to be erased: %(n)d, in these records:")
        self.stdout.write(told % {"n": len(values)})
        self._streams_told(Counter({s: len(d) for s, d in found.digests.items()}))
        self.stdout.write(_("What stays, and why:"))
        if found.clear:
            told = _(
                "Lines that hold it in clear: they were written before the column was "
                "personal, or it is not. A line that changes breaks the chain."
            )
            self.stdout.write(f"- {told}")
            self._streams_told(found.clear)
        if found.kept:
            told = _("Texts of the project: mend them by hand where the law asks it.")
            self._places(f"- {told}", found.kept)
        for kept in KEPT:
            self.stdout.write(f"- {kept}")

    def _places(self, title: str, places: list[Place]) -> None:
        self.stdout.write(title)
        for line in places_in_words(places[:MOST]):
            self.stdout.write(f"  {line}")
        self._more(len(places))

    def _streams_told(self, streams: Counter[str]) -> None:
        for line in streams_in_words(dict(sorted(streams.items())[:MOST])):
            self.stdout.write(f"  {line}")
        self._more(len(streams))

    def _more(self, number: int) -> None:
        if number > MOST:
            told = _("… and %(n)d more")
            self.stdout.write("  " + told % {"n": number - MOST})
