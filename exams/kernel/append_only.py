"""Triggers that refuse to change or delete rows: a table that is only added to.

Put there by a migration, on both engines, so that no code path and no console goes
around them (`docs/decisions/0003`).
"""

from collections.abc import Collection, Mapping
from functools import partial
from types import MappingProxyType

from django.db.migrations import RunPython

FUNCTION = (
    "CREATE OR REPLACE FUNCTION kaowu_append_only() RETURNS trigger AS $$ "
    "BEGIN RAISE EXCEPTION 'append-only table'; END $$ LANGUAGE plpgsql"
)
NOTHING: Mapping[str, str] = MappingProxyType({})
REFUSE = {
    "postgresql": "FOR EACH ROW EXECUTE FUNCTION kaowu_append_only()",
    "sqlite": "BEGIN SELECT RAISE(ABORT, 'append-only table'); END",
}


def guard(*tables: str) -> RunPython:
    """Return the migration operation that guards these tables, and its reverse."""
    return RunPython(partial(_add, tables), partial(_drop, tables))


def guard_facts(
    table: str,
    *,
    once: Collection[str] = (),
    moving: Collection[str] = (),
    emptied: Mapping[str, str] = NOTHING,
) -> RunPython:
    """Return the operation that freezes a table's facts, and its reverse.

    Rows are never deleted. Columns in `moving` may change, those in `once` may be
    filled while they are null, those of `emptied` may become exactly the value given
    there, as SQL text; any other change is refused.
    """
    return RunPython(
        partial(_add_facts, table, frozenset(once), frozenset(moving), emptied),
        partial(_drop, (table,)),
    )


def lift(guarding: RunPython) -> RunPython:
    """Return the operation that takes a guard away; its reverse puts it back."""
    return RunPython(guarding.reverse_code, guarding.code)


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


def _add_facts(table, once, moving, emptied, apps, schema_editor) -> None:
    connection = schema_editor.connection
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    if connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION)
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    wrong = []
    for name in (column.name for column in described):
        changed = f'OLD."{name}" {differs} NEW."{name}"'
        if name in once:
            wrong.append(f'(OLD."{name}" IS NOT NULL AND {changed})')
        elif name in emptied:
            wrong.append(
                f"""({changed} AND NEW."{name}" {differs} '{emptied[name]}')"""
            )
        elif name not in moving:
            wrong.append(f"({changed})")
    condition = " OR ".join(wrong)
    when = f"WHEN ({condition})"
    refuse = REFUSE[connection.vendor]
    if connection.vendor == "postgresql":
        refusal = refuse.replace("FOR EACH ROW", f"FOR EACH ROW {when}")
    else:
        refusal = f"{when} {refuse}"
    schema_editor.execute(
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refusal}"
    )
    schema_editor.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}"
    )


def _drop(tables, apps, schema_editor) -> None:
    on = " ON {}" if schema_editor.connection.vendor == "postgresql" else ""
    for table in tables:
        for verb in ("update", "delete"):
            name = f"{table}_no_{verb}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on.format(table)}")
