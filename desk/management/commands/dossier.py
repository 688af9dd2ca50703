"""``manage.py dossier CODE --out FILE``: the dossier of a case or a round; with
``--from DAY --to DAY --as AUDITOR`` that of a period."""

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from desk.dossier_cover import take_checkpoint
from desk.dossier_period import PeriodForm, period_subject
from desk.dossier_subject import Subject, case_subject, round_subject
from desk.dossiers import note_cases, note_dossier, write_dossier
from grants.errors import NotVisible
from grants.models import Case, Round
from organisations.models import User

BY = "system:dossier"


class Command(BaseCommand):
    help = "Write the dossier of a case or a round, to be verified without the system."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", help="of a case or a round")
        parser.add_argument("--from", dest="since", metavar="DAY", help="of a period")
        parser.add_argument("--to", dest="until", metavar="DAY")
        parser.add_argument("--programme", default="", metavar="CODE")
        parser.add_argument(
            "--as",
            dest="auditor",
            metavar="USERNAME",
            help="whose programmes a period takes: an auditor or inspector",
        )
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")
        parser.add_argument("--lang", choices=("zh-hans", "en"), default="zh-hans")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if out.exists():
            told = _("%(path)s is there already.")
            raise CommandError(told % {"path": out})
        subject = self._asked(options)
        language = options["lang"]
        note_cases(subject, by=BY)
        if warning := take_checkpoint():
            self.stderr.write(self.style.WARNING(warning))
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=".dossier-") as file:
            with translation.override(language):
                made = write_dossier(subject, file, by=BY, language=language)
            file.flush()
            note_dossier(subject, made, by=BY)
            out.hardlink_to(file.name)
        out.chmod(0o440)
        told = _("%(events)d events, %(documents)d documents, SHA-256 %(sha256)s")
        self.stdout.write(told % vars(made))
        for key in made.withheld:
            told = _("Left out, as it is infected or still to be scanned: %(key)s")
            self.stderr.write(self.style.WARNING(told % {"key": key}))
        for key in made.lost:
            told = _("A document is lost from the storage: %(key)s")
            self.stderr.write(self.style.ERROR(told % {"key": key}))

    def _asked(self, options: dict[str, Any]) -> Subject:
        period = options["since"] or options["until"]
        if bool(period) == bool(options["code"]):
            raise CommandError(_("Give a code, or --from and --to."))
        return self._period(options) if period else self._subject(options["code"])

    def _period(self, options: dict[str, Any]) -> Subject:
        user = User.objects.filter(username=options["auditor"] or "").first()
        try:
            if user is None:
                raise NotVisible()
            form = PeriodForm(options, by=user)
        except NotVisible:
            raise CommandError(_("Say whose programmes: --as AUDITOR."))
        if not form.is_valid():
            found = form.errors.items()
            told = [f"{name}: {' '.join(map(str, e))}" for name, e in found]
            raise CommandError("\n".join(told))
        return period_subject(user, form.period.query)

    def _subject(self, code: str) -> Subject:
        case = Case.objects.filter(code=code).first()
        if case is not None:
            return case_subject(case)
        round_ = Round.objects.filter(code=code).first()
        if round_ is None:
            told = _("There is no case and no round %(code)s.")
            raise CommandError(told % {"code": code})
        cases = round_.cases.filter(submitted_at__isnull=False)
        return round_subject(round_, cases.order_by("pk"))
