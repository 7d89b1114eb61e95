"""Facts of incidents, cases and articles stay; notices, answers and rulings too."""

from django.db import migrations

from exams.kernel.append_only import guard, guard_facts


class Migration(migrations.Migration):
    dependencies = [("proctoring", "0001_case")]
    operations = [
        guard_facts("proctoring_article", moving=["is_current"]),
        guard_facts(
            "proctoring_incident",
            once=["case_id", "decided_by_id", "decided_at"],
            moving=["state", "reason"],
        ),
        guard_facts(
            "proctoring_case",
            once=["confirmed_by_id", "confirmed_at"],
            moving=["state"],
        ),
        guard(
            "proctoring_casenotice",
            "proctoring_statement",
            "proctoring_proposal",
            "proctoring_ruling",
        ),
    ]
