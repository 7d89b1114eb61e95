"""Many rows in one statement, for tables that grow by a hundred thousand at once.

Writes whichever model its caller owns. On PostgreSQL rows go in by COPY and are changed
by one UPDATE over arrays, measured (`tests/bench/bench_roster.py`); SQLite uses the
ORM. Both take and return the same.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, repeat

from django.db import connection, models

from exams.kernel.fields import SealedTextField

BATCH = 2000
PLAIN = (str, int, Decimal, date)  # their text is the database's
NULL = "\\N"
SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_rows(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence]
) -> list[int]:
    """Insert rows of values, named by `columns` (attribute names); return their keys.

    In the caller's transaction. A column that is not named takes the field's default,
    one value for all rows. Raises `IntegrityError`.
    """
    if not rows:
        return []
    if not streams():
        made = model._base_manager.bulk_create(
            [model(**dict(zip(columns, row, strict=True))) for row in rows], BATCH
        )
        return [row.pk for row in made]
    keys = reserve_keys(model, len(rows))
    blocks = (
        [keys[start : start + BATCH], *zip(*rows[start : start + BATCH], strict=True)]
        for start in range(0, len(rows), BATCH)
    )
    insert_blocks(model, (model._meta.pk.attname, *columns), blocks)
    return keys


def streams() -> bool:
    """Return whether the database takes rows while more of them are being made."""
    return connection.vendor == "postgresql"


def reserve_keys(model: type[models.Model], count: int) -> list[int]:
    """Return so many keys that no other row gets; only where the database `streams`."""
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)::regclass)"
            " FROM generate_series(1, %s)",
            [_name(table), key, count],
        )
        return list(chain.from_iterable(cursor.fetchall()))


def insert_blocks(
    model: type[models.Model],
    columns: Sequence[str],
    blocks: Iterable[Sequence[Sequence]],
) -> None:
    """Insert blocks of columns by one COPY; only where the database `streams`.

    A block has the values of each of `columns`, which name the key too. The next
    block is made while the database works on those before, so `blocks` must not ask
    the database. Raises `IntegrityError`.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    given = [fields.pop(name) for name in columns]
    rest = [repeat(*_texts(field, [field.get_default()])) for field in fields.values()]
    names = [field.column for field in (*given, *fields.values())]
    statement = f"COPY {_name(model._meta.db_table)} ({_list(names)}) FROM STDIN"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        connection.execute_wrapper(_refuse),
        cursor.copy(statement) as copy,
    ):
        for block in blocks:
            texts = [_texts(*column) for column in zip(given, block, strict=True)]
            lines = map("\t".join, zip(*texts, *rest, strict=False))
            copy.write("\n".join(lines) + "\n")


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: dict[int, Sequence]
) -> None:
    """Give each row, named by its key, its values of `columns` (attribute names)."""
    if not rows:
        return
    fields = {field.attname: field for field in model._meta.concrete_fields}
    given = [fields[name] for name in columns]
    if not streams():
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


def _refuse(*_question: object) -> None:
    # It would wait for the COPY, which waits for what asks.
    message = "the database is busy with a COPY"
    raise RuntimeError(message)


def _texts(field: models.Field, values: Sequence) -> list[str]:
    """Return the values of one column as COPY reads them."""
    if isinstance(field, SealedTextField):
        return [_text(sealed) for sealed in field.seal_all(values)]
    kinds = set(map(type, values))
    if kinds == {int}:
        return list(map(str, values))
    if kinds == {str} and "".join(values).isprintable():
        plain = "\\" not in "".join(values)
        return list(values) if plain else [text.translate(SPECIAL) for text in values]
    return [_text(value) for value in values]


def _text(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if not isinstance(value, PLAIN):
        message = f"COPY is not taught {type(value)}"
        raise TypeError(message)
    return str(value).translate(SPECIAL)


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
