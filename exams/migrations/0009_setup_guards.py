"""Noted warnings are only added; an emergency operation is filled in once."""

from django.db import migrations

from exams.kernel.append_only import guard, guard_facts


class Migration(migrations.Migration):
    dependencies = [("exams", "0008_emergencies")]
    operations = [
        guard("exams_acknowledgement"),
        guard_facts("exams_emergency", once=["done_at"]),
    ]
