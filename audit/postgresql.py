"""The triggers of PostgreSQL: three functions, and triggers that call them."""

from collections.abc import Iterator
from typing import Any

from .context import PROJECTION
from .tables import Table

NAME_LENGTH = 63
Made = tuple[str, str, str, str]

CAPTURE = """
DECLARE
  o text := nullif(current_setting('audit.op', true), '');
BEGIN
  IF TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN RETURN NULL; END IF;
  IF o IS NULL THEN
    RAISE EXCEPTION 'change without an event: %', TG_TABLE_NAME
      USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit_journal(op, tbl, new)
      VALUES (o, TG_TABLE_NAME, (to_jsonb(NEW) - TG_ARGV[0]::text[])::text);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO audit_journal(op, tbl, old)
      VALUES (o, TG_TABLE_NAME, (to_jsonb(OLD) - TG_ARGV[0]::text[])::text);
  ELSE
    INSERT INTO audit_journal(op, tbl, old, new)
      VALUES (o, TG_TABLE_NAME, (to_jsonb(OLD) - TG_ARGV[0]::text[])::text,
              (to_jsonb(NEW) - TG_ARGV[0]::text[])::text);
  END IF;
  RETURN NULL;
END
"""
REFUSE = """
BEGIN
  RAISE EXCEPTION 'the record is append-only: % of %', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'check_violation';
END
"""
KEEP = f"""
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('audit.op', true) = '{PROJECTION}' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the record is append-only: % of %', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'check_violation';
END
"""
GUARD = f"""
BEGIN
  IF current_setting('audit.op', true) IS DISTINCT FROM '{PROJECTION}' THEN
    RAISE EXCEPTION 'history is written by the record: %', TG_TABLE_NAME
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
"""
FUNCTIONS = {
    "audit_capture": CAPTURE,
    "audit_refuse": REFUSE,
    "audit_keep": KEEP,
    "audit_guard": GUARD,
}

# What pg_trigger.tgtype says: 1 row, 2 before, 4 insert, 8 delete, 16 update,
# 32 truncate.
ROW_CHANGES, BEFORE_TRUNCATE, BEFORE_CHANGES, BEFORE_REWRITE = 29, 34, 30, 58


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def row_expression(secret: frozenset[str], row: str) -> str:
    """SQL for a row as JSON, as the trigger's function writes it."""
    return f"(to_jsonb({row}) - '{_array(secret)}'::text[])::text"


def _array(names: frozenset[str]) -> str:
    return "{" + ",".join(sorted(names)) + "}"


def _shape(function: str, kind: int, arguments: str = "") -> str:
    return f"{function}({arguments}) {kind} O"


def capturing(table: Table, seen: list[str]) -> Iterator[Made]:
    """The triggers that note the changes of a table, and refuse to empty it."""
    name, secret = f"audit_change_{table.name}"[:NAME_LENGTH], _array(table.secret)
    yield (
        name,
        table.name,
        f"CREATE TRIGGER {quote(name)} AFTER INSERT OR UPDATE OR DELETE"
        f" ON {quote(table.name)} FOR EACH ROW"
        f" EXECUTE FUNCTION audit_capture('{secret}')",
        _shape("audit_capture", ROW_CHANGES, secret),
    )
    name = f"audit_empty_{table.name}"[:NAME_LENGTH]
    yield (
        name,
        table.name,
        f"CREATE TRIGGER {quote(name)} BEFORE TRUNCATE ON {quote(table.name)}"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        _shape("audit_refuse", BEFORE_TRUNCATE),
    )


def guarding(table: str) -> Iterator[Made]:
    """The triggers that let only the projection write a history table."""
    name = f"audit_guard_{table}"[:NAME_LENGTH]
    yield (
        name,
        table,
        f"CREATE TRIGGER {quote(name)} BEFORE INSERT OR UPDATE OR DELETE"
        f" ON {quote(table)} FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()",
        _shape("audit_guard", BEFORE_CHANGES),
    )


def append_only(table: str, erasable: bool = False) -> Iterator[Made]:
    """The trigger that keeps the lines as they were written; erasable: an erasure
    may blank values of a row."""
    function = "audit_keep" if erasable else "audit_refuse"
    name = f"audit_keep_{table}"[:NAME_LENGTH]
    yield (
        name,
        table,
        f"CREATE TRIGGER {quote(name)} BEFORE UPDATE OR DELETE OR TRUNCATE"
        f" ON {quote(table)} FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        _shape(function, BEFORE_REWRITE),
    )


def columns(cursor: Any) -> dict[str, list[str]]:
    """The columns of every table, in one query."""
    cursor.execute(
        "SELECT c.relname, a.attname FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')"
        " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum"
    )
    found: dict[str, list[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, []).append(column)
    return found


def prepare(cursor: Any) -> None:
    """Create or renew the functions that the triggers call."""
    for name, body in FUNCTIONS.items():
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger"
            f" LANGUAGE plpgsql AS $weigong${body}$weigong$"
        )


def installed(cursor: Any) -> dict[tuple[str, str], str]:
    """Shapes of our triggers; one whose function was altered has another shape."""
    cursor.execute(
        "SELECT c.relname, t.tgname, p.proname, p.prosrc, t.tgtype, t.tgenabled,"
        " t.tgargs, t.tgqual IS NULL FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE t.tgname LIKE 'audit\\_%%' AND NOT t.tgisinternal"
        " AND n.nspname = current_schema()",
        [],
    )
    found = {}
    for table, name, function, source, kind, enabled, args, bare in cursor.fetchall():
        arguments = bytes(args).split(b"\0")[0].decode()
        shape = f"{function}({arguments}) {kind} {enabled}"
        if FUNCTIONS.get(function) != source or not bare:
            shape += " altered"
        found[table, name] = shape
    return found


def drop(table: str, name: str) -> str:
    return f"DROP TRIGGER {quote(name)} ON {quote(table)}"
