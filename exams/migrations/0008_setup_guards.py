"""Noted warnings and drawn papers are only added; an operation is filled in once."""

from django.db import migrations

from exams.kernel.append_only import guard, guard_facts


class Migration(migrations.Migration):
    dependencies = [("exams", "0007_setup")]
    operations = [
        guard("exams_acknowledgement", "exams_paperdraw"),
        guard_facts("exams_emergency", once=["done_at"]),
    ]
