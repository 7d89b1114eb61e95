"""Triggers that refuse to change or delete rows: a table that is only added to.

Put there by a migration, on both engines, so that no code path and no console goes
around them (`docs/decisions/0003`).
"""

from functools import partial

from django.db.migrations import RunPython

FUNCTION = (
    "CREATE OR REPLACE FUNCTION kaowu_append_only() RETURNS trigger AS $$ "
    "BEGIN RAISE EXCEPTION 'append-only table'; END $$ LANGUAGE plpgsql"
)
REFUSE = {
    "postgresql": "FOR EACH ROW EXECUTE FUNCTION kaowu_append_only()",
    "sqlite": "BEGIN SELECT RAISE(ABORT, 'append-only table'); END",
}


def guard(*tables: str) -> RunPython:
    """Return the migration operation that guards these tables, and its reverse."""
    return RunPython(partial(_add, tables), partial(_drop, tables))


def _add(tables, apps, schema_editor) -> None:
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(FUNCTION)
    for table in tables:
        for verb in ("update", "delete"):
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"{REFUSE[vendor]}"
            )


def _drop(tables, apps, schema_editor) -> None:
    on = " ON {}" if schema_editor.connection.vendor == "postgresql" else ""
    for table in tables:
        for verb in ("update", "delete"):
            name = f"{table}_no_{verb}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on.format(table)}")
