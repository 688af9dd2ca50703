"""The PDF of a dossier: the readable page once more, for the shelf.

The same entries as on the page, in the words of the same functions; what the engine
notes of its own steps is left out here, and long values are cut. The page and the
events have everything.
"""

from collections.abc import Iterable

from audit.standalone.verify_dossier import Body, Stream, before, document_path
from desk.selectors import ENGINE_TABLES
from grants.papers.sheet import Column, Sheet, facts, heading, number_column, table

LONGEST, MOST = 160, 60  # characters of a change, changes of an event


class PaperStream(Stream):
    """The entries in words alone, without keys; the page has the codes beside them."""

    hidden = frozenset({"id", "case_id"})

    def named(self, kind: str, code: str) -> str:
        label: str = self.words.get(kind, {}).get(code, "")
        return label or code


def sheet_of(about: Body, entry: Body, lines: Iterable[Body], reader: Stream) -> Sheet:
    """The paper of one stream."""
    head = entry["head"]
    top = [
        *entry["facts"],
        (reader.say("stream"), entry["stream"]),
        (reader.say("count"), head["seq"] - before(entry)[0]),
        (reader.say("period"), f"{entry['first_at']} – {head['at']}"),
        (reader.say("head"), head["hash"]),
        (
            reader.say("made"),
            f"{about['made_at']}, {reader.named('people', about['made_by'])}",
        ),
    ]
    columns = [
        number_column(reader.say("number"), 0.5),
        Column(reader.say("moment"), 1.2),
        Column(reader.say("act"), 1.4),
        Column(reader.say("who"), 1.2),
        Column(reader.say("changes"), 4),
    ]
    rows = [row_of(body, reader) for body in lines]
    papers = [
        (
            f"{title}\n{document_path(row, reader.disclosed)}",
            row.get("number"),
            row.get("size"),
            row.get("sha256"),
        )
        for title, row in reader.documents()
    ]
    kept = [
        Column(reader.say("file"), 3),
        number_column(reader.say("version"), 0.6),
        number_column(reader.say("bytes"), 0.8),
        Column("SHA-256", 3.4),
    ]
    return Sheet(
        reader.say("title").replace("{code}", entry["code"]),
        [
            facts(top),
            heading(reader.say("documents")),
            table(kept, papers),
            heading(reader.say("events")),
            table(columns, rows),
        ],
        landscape=True,
        number=entry["code"],
    )


def row_of(body: Body, reader: Stream) -> list[str]:
    """An event as a row of the paper."""
    engine = {reader.named("tables", name) for name in ENGINE_TABLES}
    changes = [
        f"{of}, {name}: {old} → {new}"
        for of, name, old, new in reader.take(body)
        if of.rpartition(" ")[0] not in engine
    ]
    changes += reader.facts(body)
    told = [text if len(text) <= LONGEST else text[:LONGEST] + "…" for text in changes]
    if len(told) > MOST:
        told = [*told[:MOST], f"… {len(told)}"]
    why = reader.why(body)
    return [
        str(body["seq"]),
        body["at"].replace("T", " ")[:19],
        reader.named("verbs", body["verb"]),
        "\n".join(filter(None, (reader.who(body), reader.whence(body)))),
        "\n".join([f"{reader.say('reason')}: {why}"] * bool(why) + told),
    ]
