"""Many rows in one statement, for tables that grow by a hundred thousand at once.

Writes whichever model its caller owns. On PostgreSQL rows go in by COPY and are changed
by one UPDATE over arrays, measured (`tests/bench/bench_roster.py`); SQLite uses the
ORM. Both take and return the same.
"""

from collections.abc import Sequence
from itertools import chain

from django.db import connection, models

BATCH = 2000


def insert_rows(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence]
) -> list[int]:
    """Insert rows of values, named by `columns` (attribute names); return their keys.

    In the caller's transaction. A column that is not named takes the field's default,
    one value for all rows. Raises `IntegrityError`.
    """
    if not rows:
        return []
    if connection.vendor != "postgresql":
        made = model._base_manager.bulk_create(
            [model(**dict(zip(columns, row, strict=True))) for row in rows], BATCH
        )
        return [row.pk for row in made]
    keys = _next_keys(model, len(rows))
    fields = {field.attname: field for field in model._meta.concrete_fields}
    given = [fields.pop(name) for name in columns]
    fields.pop(model._meta.pk.attname)
    rest = [_ready(field, field.get_default()) for field in fields.values()]
    names = [
        model._meta.pk.column,
        *(field.column for field in (*given, *fields.values())),
    ]
    statement = f"COPY {_name(model._meta.db_table)} ({_list(names)}) FROM STDIN"
    sealed = [place for place, field in enumerate(given) if _needs_making(field)]
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        for key, row in zip(keys, rows, strict=True):
            values = list(row)
            for place in sealed:
                values[place] = given[place].get_prep_value(values[place])
            copy.write_row((key, *values, *rest))
    return keys


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: dict[int, Sequence]
) -> None:
    """Give each row, named by its key, its values of `columns` (attribute names)."""
    if not rows:
        return
    fields = {field.attname: field for field in model._meta.concrete_fields}
    given = [fields[name] for name in columns]
    if connection.vendor != "postgresql":
        made = [
            model(pk=key, **dict(zip(columns, row, strict=True)))
            for key, row in rows.items()
        ]
        model._base_manager.bulk_update(made, [field.name for field in given], 500)
        return
    table, key = _name(model._meta.db_table), _name(model._meta.pk.column)
    names = [_name(field.column) for field in given]
    arrays = ", ".join(f"%s::{_array(field)}" for field in (model._meta.pk, *given))
    changes = ", ".join(f"{name} = new.v{turn}" for turn, name in enumerate(names))
    values = ", ".join(f"v{turn}" for turn in range(len(names)))
    statement = (
        f"UPDATE {table} SET {changes}"  # noqa: S608 - names of our own columns
        f" FROM unnest({arrays}) AS new (key, {values}) WHERE {table}.{key} = new.key"
    )
    turned = [list(column) for column in zip(*rows.values(), strict=True)]
    ready = [
        [_ready(field, value) for value in column]
        for field, column in zip(given, turned, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(rows), *ready])


def _next_keys(model: type[models.Model], count: int) -> list[int]:
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)::regclass)"
            " FROM generate_series(1, %s)",
            [_name(table), key, count],
        )
        return list(chain.from_iterable(cursor.fetchall()))


def _needs_making(field: models.Field) -> bool:
    # What is stored as another type than it is in Python: ciphertext.
    return isinstance(field, models.BinaryField)


def _ready(field: models.Field, value: object) -> object:
    return field.get_db_prep_save(value, connection)


def _array(field: models.Field) -> str:
    target = field.target_field if field.is_relation else field
    kind = target.rel_db_type if target.primary_key else target.db_type
    return f"{kind(connection)}[]"


def _name(name: str) -> str:
    return connection.ops.quote_name(name)


def _list(names: Sequence[str]) -> str:
    return ", ".join(map(_name, names))
