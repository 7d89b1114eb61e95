"""Observations are only added to."""

from django.db import migrations

from exams.kernel.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("candidates", "0001_initial"), ("exams", "0002_append_only_guards")]
    operations = [guard("candidates_observation")]
