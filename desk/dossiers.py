"""The dossier: what the record knows of a case, to be verified without us.

One zip: the events in the form that is hashed, a readable page and a PDF of them,
every version of every document, the checkpoints with their proofs, the public keys,
a manifest, and the program that checks it all (audit/standalone/verify_dossier.py).
The readable page is written by that program's own functions, so that it can be
written again by who verifies. docs/dossier.md has the form.
"""

import base64
import hashlib
import json
import logging
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.template.loader import render_to_string
from django.utils.timezone import now

from attachments.models import Version
from attachments.scanning import withheld_in
from attachments.storage import get_storage
from audit import canon, keys
from audit.actors import actor_of, own_stream
from audit.evidence import erasures_of, lines_of, part_of, values_of
from audit.findings import snapshot
from audit.models import Event
from audit.proofs import Proof, proofs_at, proofs_of
from audit.record import record
from audit.standalone import verify_dossier as form
from audit.standalone.verify_dossier import Body, Stream
from audit.statements import chunks
from desk.dossier_paper import PaperStream, sheet_of
from desk.dossier_subject import Subject
from desk.record_words import field_label, table_label
from desk.wording import verb_label
from grants.papers.typeset import NoFonts, pdf_of
from organisations.models import User

logger = logging.getLogger(__name__)
CHUNK, MANY = 1024 * 1024, 500
Progress = Callable[[int], None]
STAMPS_SQL = (
    "SELECT checkpoint, answer FROM audit_checkpoint_stamp WHERE checkpoint = %s"
)


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
    note_cases(subject, by=by)
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


def note_cases(subject: Subject, *, by: Any) -> None:
    """The round's own stream says which cases its dossier holds, so that none can be
    left out of the file unseen; once, for as long as it stays the same."""
    if subject.listing is None:
        return
    stream = subject.streams[0][0]
    said = Event.objects.filter(
        stream=stream, verb=form.LIST_CASES, actor=actor_of(by)
    ).order_by("seq")
    last = said.last()
    if last is None or json.loads(last.line)["data"] != subject.listing:
        with record(
            form.LIST_CASES,
            by=by,
            target=subject.code,
            stream=stream,
            data=subject.listing,
        ):
            pass


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
        self.lacking: set[str] = set()  # digests that nothing here erased
        self.infected_later: list[str] = []  # found after the events that are here
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
            "infected_later": self.infected_later,
        }
        proofs = self._proofs()
        covered = covered_by(proofs)
        for name, code, facts in self.subject.streams:
            entry = self._stream(about, name, code, facts, covered.get(name, []))
            about["streams"].append(entry)
            self._step()
        more = self._erasures(proofs)
        self._checkpoints(about, sorted({p.checkpoint for p in [*proofs, *more]}))
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

    def _proofs(self) -> list[Proof]:
        """What checkpoints saw of the streams."""
        names = [name for name, _code, _facts in self.subject.streams]
        with snapshot() as rows:
            if self.subject.spans is None:
                proofs = proofs_of(rows, names)
            else:
                proofs = proofs_at(rows, self.subject.vouched)
        self._text(form.PROOFS, (canon.dumps(p.as_json()) + "\n" for p in proofs))
        return proofs

    def _erasures(self, proofs: list[Proof]) -> list[Proof]:
        """The erasures that stand elsewhere, with what checkpoints saw of them."""
        with snapshot() as rows:
            lines, wanted = erasures_of(rows, self.lacking)
            if self.subject.spans is None and proofs:  # the newest proves every stream
                newest = max(proof.checkpoint for proof in proofs)
                wanted = {n: names for n, names in wanted.items() if n <= newest}
            more = proofs_at(rows, wanted)
        self._text(form.ELSEWHERE, (f"{line}\n" for line in lines))
        told = (canon.dumps(proof.as_json()) + "\n" for proof in more)
        self._text(form.ELSEWHERE_PROOFS, told)
        return more

    def _checkpoints(self, about: Body, numbers: list[int]) -> None:
        """These checkpoints, and their stamps."""
        about["checkpoints"] = numbers
        with snapshot() as rows:
            sql = "SELECT body, signature FROM audit_checkpoint WHERE number = %s"
            signed = [row for number in numbers for row in rows(sql, [number])]
            stamps = [row for n in numbers for row in rows(STAMPS_SQL, [n])]
        for number, answer in stamps:
            self._add(form.stamp_path(number), [base64.b64decode(answer)])
        self._text(
            form.CHECKPOINTS,
            (
                canon.dumps({"body": body, "signature": signature}) + "\n"
                for body, signature in signed
            ),
        )

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
        named = name.startswith("case:") or name == self.subject.streams[0][0]
        begins: Body | None = None
        with snapshot() as rows:
            if self.subject.spans is None:
                raw, head = lines_of(rows, name)
            else:
                raw, head, begins = part_of(rows, name, self.subject.spans[name])
            lines = [body for body in map(form.event_of, raw) if body is not None]
            values, lacking = values_of(rows, lines)
        self.lacking |= set(lacking)
        entry: Body = {
            "stream": name,
            "code": code,
            "facts": facts,
            "file": f"events/{short}.jsonl",
            "values": f"values/{short}.jsonl",
            "words": f"words/{short}.json",
            "readable": f"readable/{code if named else short}.html",
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
        storage, found = get_storage(), [row for _title, row in reader.documents()]
        states = scan_states([row["storage_key"] for row in found])
        for row in found:
            key, state = row["storage_key"], row["scan_state"]
            if withheld_in(states.get(key) or state):
                self.made.withheld.append(key)
                if states.get(key) == form.INFECTED != state:
                    path = form.document_path(row, reader.disclosed)
                    self.infected_later.append(path)
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


def scan_states(storage_keys: list[str]) -> dict[str, str | None]:
    """How the scan of these versions ended by now: the verdict may have come after
    the events that a dossier holds."""
    found: dict[str, str | None] = {}
    for part in chunks(storage_keys, MANY):
        rows = Version.objects.filter(storage_key__in=part)
        found |= dict(rows.values_list("storage_key", "scan_state"))
    return found


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
        data = (body["data"] or {}).values()
        actors |= {v for v in data if isinstance(v, str) and v.startswith("user:")}
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
