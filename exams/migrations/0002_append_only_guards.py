"""Audit entries, drawn numbers and events are only added to."""

from django.db import migrations

from exams.kernel.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("exams", "0001_initial")]
    operations = [guard("exams_auditentry", "exams_drawnnumber", "exams_event")]
