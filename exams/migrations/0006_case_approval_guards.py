"""Approvals are filled in once, voids are only added."""

from django.db import migrations

from exams.kernel.append_only import guard, guard_facts


class Migration(migrations.Migration):
    dependencies = [("exams", "0005_case_approvals")]
    operations = [
        guard_facts("exams_approval", once=["approved_by_id", "approved_at"]),
        guard("exams_void"),
    ]
