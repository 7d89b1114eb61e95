"""Triggers that refuse to change or delete observations."""

from django.db import migrations

TABLES = ("candidates_observation",)


def add_guards(apps, schema_editor):
    run = schema_editor.execute
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            if schema_editor.connection.vendor == "postgresql":
                run(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION kaowu_append_only()"
                )
            else:
                run(
                    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'append-only table'); END"
                )


def drop_guards(apps, schema_editor):
    for table in TABLES:
        for verb in ("update", "delete"):
            on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")


class Migration(migrations.Migration):
    dependencies = [("candidates", "0001_initial"), ("exams", "0002_append_only_guards")]
    operations = [migrations.RunPython(add_guards, drop_guards)]
