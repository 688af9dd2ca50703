"""The dossier: what the record knows of a case, to be verified without us.

One zip: the events in the form that is hashed, a readable page and a PDF of them,
every version of every document, the checkpoints with their proofs, the public keys,
a manifest, and the program that checks it all (audit/standalone/verify_dossier.py).
The readable page is written by that program's own functions, so that it can be
written again by who verifies. docs/dossier.md has the form.
"""

import base64
import hashlib
import logging
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.template.loader import render_to_string
from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Version
from attachments.scanning import withheld_in
from attachments.storage import get_storage
from audit import canon, keys
from audit.actors import actor_of, own_stream
from audit.evidence import Span, Wanted, erasures_of, lines_of, part_of, values_of
from audit.findings import snapshot
from audit.proofs import Proof, proofs_at, proofs_of
from audit.record import record
from audit.standalone import verify_dossier as form
from audit.standalone.verify_dossier import Body, Stream
from desk.dossier_paper import PaperStream, sheet_of
from desk.record_words import field_label, table_label
from desk.wording import verb_label
from grants.errors import NotVisible, NotYours
from grants.models import Case, Round
from grants.papers.typeset import NoFonts, pdf_of
from grants.permissions import has_permission
from grants.selectors import cases_visible_to, rounds_visible_to
from organisations.models import User

logger = logging.getLogger(__name__)
CHUNK = 1024 * 1024
Progress = Callable[[int], None]
STAMPS_SQL = (
    "SELECT checkpoint, answer FROM audit_checkpoint_stamp WHERE checkpoint = %s"
)


def may_have_dossier(user: User, round_: Round) -> bool:
    """Auditor and inspector of the programme."""
    return has_permission(user, "view_trail", round_.programme_id)


@dataclass(frozen=True)
class Subject:
    """What a dossier is about: a case, a round with its cases, or a period."""

    kind: str
    code: str
    streams: list[tuple[str, str, list[list[str]]]]  # stream, code, facts in words
    spans: dict[str, Span] | None = None  # the parts of a period; None: all of each
    vouched: Wanted = field(default_factory=dict)  # of a period, by checkpoint
    target: str = ""  # what the events of its making name; "": the code

    def steps(self) -> int:
        """How many steps its making has: a stream each, a document each."""
        names = [name for name, _code, _facts in self.streams]
        if self.spans is not None:  # how many documents is known at the end
            return len(names)
        return len(names) + Version.objects.filter(stream__in=names).count()


def case_subject(case: Case) -> Subject:
    return Subject("case", case.code, [case_stream(case)])


def round_subject(round_: Round, cases: Iterable[Case]) -> Subject:
    """The round itself, then each of these cases."""
    facts = [[_("Round"), str(round_)], [_("Programme"), str(round_.programme)]]
    own = (f"{round_._meta.db_table}:{round_.pk}", round_.code, facts)
    return Subject("round", round_.code, [own, *map(case_stream, cases)])


def case_stream(case: Case) -> tuple[str, str, list[list[str]]]:
    facts = [
        [_("Application number"), case.code],
        [_("Project name"), case.title],
        [_("Applicant organisation"), str(case.organisation)],
        [_("Round"), str(case.round)],
        [_("Status"), str(case.get_status_display())],
    ]
    return f"case:{case.pk}", case.code, facts


def subject_for(user: User, kind: str, code: str) -> Subject:
    """What this person asks for. NotVisible, or NotYours for who may not."""
    if kind == "round":
        round_ = rounds_visible_to(user).filter(code=code).first()
    else:
        case = cases_visible_to(user).filter(code=code).first()
        round_ = case.round if case else None
    if round_ is None:
        raise NotVisible()
    if not may_have_dossier(user, round_):
        raise NotYours(_("A dossier is for the auditor and the inspector."))
    if kind == "round":
        cases = cases_visible_to(user).filter(round=round_, submitted_at__isnull=False)
        return round_subject(round_, cases.order_by("pk"))
    return case_subject(case)


@dataclass
class Made:
    """A dossier that was written: its digest, and what it holds."""

    sha256: str = ""
    size: int = 0
    events: int = 0
    documents: int = 0
    lost: list[str] = field(default_factory=list)  # storage keys without a file
    withheld: list[str] = field(default_factory=list)  # not scanned yet, infected


def write_dossier(
    subject: Subject,
    out: IO[bytes],
    *,
    by: Any,
    language: str,
    progress: Progress = lambda done: None,
) -> Made:
    """Write the zip; say what it holds. The language is active already.

    A document whose file the storage has lost is left out and named in ``lost``:
    the verifier says the same. An infected one is left out, which the verifier
    knows from the record; one that waits for its scan it misses.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as bundle:
        maker = _Maker(bundle, subject, actor_of(by), language, progress)
        maker.make()
    out.seek(0)
    digest = hashlib.sha256()
    while piece := out.read(CHUNK):
        digest.update(piece)
        maker.made.size += len(piece)
    maker.made.sha256 = digest.hexdigest()
    return maker.made


def note_dossier(subject: Subject, made: Made, *, by: Any) -> None:
    """A dossier that leaves the house is on record, with the digest of its zip."""
    with record(
        "export",
        by=by,
        target=subject.target or subject.code,
        stream=own_stream(actor_of(by)),
        data={
            "kind": "DOSSIER",
            "code": subject.code,
            "sha256": made.sha256,
            "size": made.size,
            "events": made.events,
            "documents": made.documents,
        },
    ):
        pass


class _Maker:
    """Writes the files of one dossier, and remembers them for the manifest."""

    def __init__(
        self,
        bundle: zipfile.ZipFile,
        subject: Subject,
        by: str,
        language: str,
        progress: Progress,
    ) -> None:
        self.bundle, self.subject, self.by = bundle, subject, by
        self.language, self.progress = language, progress
        self.files: list[Body] = []
        self.elsewhere: list[str] = []
        self.made, self.done = Made(), 0

    def make(self) -> None:
        about: Body = {
            "v": 1 if self.subject.spans is None else 2,
            "kind": self.subject.kind,
            "code": self.subject.code,
            "language": self.language,
            "made_at": canon.moment(now()),
            "made_by": self.by,
            "streams": [],
            "checkpoints": [],
        }
        covered = self._checkpoints(about)
        for name, code, facts in self.subject.streams:
            entry = self._stream(about, name, code, facts, covered.get(name, []))
            about["streams"].append(entry)
            self._step()
        self._text(form.ELSEWHERE, (f"{line}\n" for line in self.elsewhere))
        self._text(form.KEYS, [canon.dumps(sorted(keys.known().values()))])
        self._text(form.ABOUT, [canon.dumps(about)])
        program = Path(form.__file__).read_text(encoding="utf-8")
        self._text("verify_dossier.py", [program])
        readme = render_to_string("desk/dossier_readme.txt", {"code": about["code"]})
        self._text("README.txt", [readme])
        self.files.sort(key=lambda file: file["path"])
        manifest = {
            "v": 1,
            "kind": "dossier",
            "code": self.subject.code,
            "files": self.files,
        }
        with self.bundle.open(form.MANIFEST, "w") as target:
            target.write(canon.dumps(manifest).encode())

    def _step(self) -> None:
        self.done += 1
        self.progress(self.done)

    def _text(self, path: str, pieces: Iterable[str]) -> None:
        self._add(path, (piece.encode() for piece in pieces))

    def _add(self, path: str, pieces: Iterable[bytes]) -> None:
        """One file into the zip and into the manifest."""
        digest, size = hashlib.sha256(), 0
        with self.bundle.open(path, "w", force_zip64=True) as target:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.files.append({"path": path, "size": size, "sha256": digest.hexdigest()})

    # -- checkpoints

    def _checkpoints(self, about: Body) -> dict[str, list[int]]:
        """The checkpoints that cover the streams, with their proofs; by stream, the
        numbers of those that saw a new head of it."""
        names = [name for name, _code, _facts in self.subject.streams]
        with snapshot() as rows:
            if self.subject.spans is None:
                proofs = proofs_of(rows, names)
            else:
                proofs = proofs_at(rows, self.subject.vouched)
            numbers = sorted({proof.checkpoint for proof in proofs})
            sql = "SELECT body, signature FROM audit_checkpoint WHERE number = %s"
            signed = [row for number in numbers for row in rows(sql, [number])]
            stamps = [row for n in numbers for row in rows(STAMPS_SQL, [n])]
        about["checkpoints"] = numbers
        for number, answer in stamps:
            self._add(form.stamp_path(number), [base64.b64decode(answer)])
        self._text(
            form.CHECKPOINTS,
            (
                canon.dumps({"body": body, "signature": signature}) + "\n"
                for body, signature in signed
            ),
        )
        self._text(form.PROOFS, (canon.dumps(p.as_json()) + "\n" for p in proofs))
        return covered_by(proofs)

    # -- streams

    def _stream(
        self,
        about: Body,
        name: str,
        code: str,
        facts: list[list[str]],
        covered: list[int],
    ) -> Body:
        """The events of a stream, its personal values, its page, its documents."""
        short = name.replace(":", "-")
        begins: Body | None = None
        with snapshot() as rows:
            if self.subject.spans is None:
                raw, head = lines_of(rows, name)
            else:
                raw, head, begins = part_of(rows, name, self.subject.spans[name])
            lines = [body for body in map(form.event_of, raw) if body is not None]
            values, lacking = values_of(rows, lines)
            self.elsewhere += erasures_of(rows, lacking)
        entry: Body = {
            "stream": name,
            "code": code,
            "facts": facts,
            "file": f"events/{short}.jsonl",
            "values": f"values/{short}.jsonl",
            "words": f"words/{short}.json",
            "readable": f"readable/{code}.html",
            "pdf": "",
            "head": head,
            "first_at": lines[0]["at"] if lines else "",
            "covered": covered,
        }
        if begins is not None:
            entry |= {"begins": begins, "readable": f"readable/{short}.html"}
        self.made.events += len(raw)
        words = words_of(lines, extra=self.by)
        words["page"] = form.page_words(self.language)
        disclosed = {row["digest"]: row["value"] for row in values}
        self._text(entry["file"], (f"{line}\n" for line in raw))
        self._text(entry["values"], (f"{canon.dumps(row)}\n" for row in values))
        self._text(entry["words"], [canon.dumps(words)])
        reader = Stream(disclosed, words, self.language)
        reader.partial = form.before(entry)[0] > 0
        page = form.page_of(about, entry, lines, reader)
        self._text(entry["readable"], (text for _place, text in page))
        try:
            again = PaperStream(disclosed, words, self.language)
            again.partial = reader.partial
            paper = pdf_of(sheet_of(about, entry, lines, again))
        except NoFonts:
            logger.warning("dossier %s: no PDF, the fonts are missing", code)
        else:
            entry["pdf"] = entry["readable"].removesuffix("html") + "pdf"
            self._add(entry["pdf"], [paper])
        self._documents(reader)
        return entry

    def _documents(self, reader: Stream) -> None:
        """Every version as the events tell of it; read piecewise."""
        storage = get_storage()
        for _title, row in reader.documents():
            key = row["storage_key"]
            if withheld_in(row["scan_state"]):
                self.made.withheld.append(key)
                self._step()
                continue
            try:
                kept = row.get("storage_version") or ""
                source = storage.open(key, version=kept)
            except FileNotFoundError:
                logger.exception("dossier: document %s is lost", key)
                self.made.lost.append(key)
            else:
                with source:
                    pieces = iter(lambda s=source: s.read(CHUNK), b"")
                    self._add(form.document_path(row, reader.disclosed), pieces)
                self.made.documents += 1
            self._step()


def covered_by(proofs: Iterable[Proof]) -> dict[str, list[int]]:
    """By stream, the checkpoints that saw it change."""
    found: dict[str, list[int]] = {}
    for proof in proofs:
        numbers = found.setdefault(proof.stream, [])
        if proof.checkpoint not in numbers:
            numbers.append(proof.checkpoint)
    return found


def words_of(lines: Iterable[Body], extra: str) -> Body:
    """Words for the codes that occur: acts, people, tables, fields."""
    verbs, actors, columns = set(), {extra}, set()
    for body in lines:
        verbs.add(body["verb"])
        actors |= {body["actor"], body["for"] or ""}
        for _number, table, _pk, _sign, fields in body["changes"]:
            columns |= {(table, column) for column in fields}
    pks = [int(code.split(":", 1)[1]) for code in actors if code.startswith("user:")]
    people = User.objects.filter(pk__in=pks).order_by("pk")
    return {
        "verbs": {verb: str(verb_label(verb)) for verb in sorted(verbs)},
        "people": {f"user:{person.pk}": str(person) for person in people},
        "tables": {table: table_label(table) for table, _column in columns},
        "fields": {f"{t}.{c}": field_label(t, c) for t, c in columns},
    }
