"""Readings of sealed papers and their openings are only added to."""

from django.db import migrations

from exams.kernel.append_only import guard


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0016_session_rules"),
    ]
    operations = [guard("exams_paperreading", "exams_paperopening")]
