"""Re-checks and their answers are only added to."""

from django.db import migrations

from exams.kernel.append_only import guard


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0018_session_rules"),
    ]
    operations = [guard("candidates_recheck", "candidates_recheckanswer")]
