"""What the retention rule deleted says so; observations may be emptied once."""

from django.db import migrations, models

from exams.kernel.append_only import guard, guard_facts, lift


class Migration(migrations.Migration):

    dependencies = [
        ("candidates", "0021_roster_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name='candidate',
            name='photo_erased_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='photo deleted by the retention rule'),
        ),
        migrations.AddField(
            model_name='checkin',
            name='erased_at',
            field=models.DateTimeField(null=True, verbose_name='photos deleted'),
        ),
        migrations.AddField(
            model_name='facecheck',
            name='erased_at',
            field=models.DateTimeField(null=True, verbose_name='deleted by the retention rule'),
        ),
        migrations.AddField(
            model_name='inboxitem',
            name='erased_at',
            field=models.DateTimeField(null=True, verbose_name='deleted by the retention rule'),
        ),
        migrations.AddField(
            model_name='observation',
            name='erased_at',
            field=models.DateTimeField(null=True, verbose_name='deleted by the retention rule'),
        ),
        migrations.AddField(
            model_name='recording',
            name='erased_at',
            field=models.DateTimeField(null=True, verbose_name='deleted by the retention rule'),
        ),
        lift(guard("candidates_observation")),
        guard_facts(
            "candidates_observation", once=["erased_at"], emptied={"facts": "{}"}
        ),
    ]
