import django.db.models.deletion
from django.db import migrations, models

from exams.kernel.append_only import guard


class Migration(migrations.Migration):

    dependencies = [
        ("candidates", "0020_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name='DiscardedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('due_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name='candidate',
            name='brought_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='candidates.rosterimport'),
        ),
        migrations.CreateModel(
            name='RosterChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('changed', 'Changed by the roster'), ('gone', 'No longer in the roster file'), ('photo_set', 'Roster photo put in'), ('photo_replaced', 'Roster photo replaced')], max_length=14)),
                ('fields', models.CharField(default='', max_length=80)),
                ('sha256', models.CharField(default='', max_length=64)),
                ('actor_kind', models.CharField(max_length=12)),
                ('actor_ref', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='candidates.candidate')),
                ('photo_batch', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='candidates.photobatch')),
                ('roster_import', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='candidates.rosterimport')),
            ],
        ),
        guard('candidates_rosterchange'),
    ]
