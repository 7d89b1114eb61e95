"""A draw of a paper is only added."""

from django.db import migrations

from exams.kernel.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("exams", "0012_paper_draws")]
    operations = [guard("exams_paperdraw")]
