"""Deletions by two people, holds; an approval may belong to a project."""

import django.db.models.deletion
import exams.kernel.tokens
from django.conf import settings
from django.db import migrations, models

from exams.kernel.append_only import guard_facts, lift

APPROVALS = guard_facts("exams_approval", once=["approved_by_id", "approved_at"])


class Migration(migrations.Migration):

    dependencies = [
        ("exams", "0019_lock_places"),
    ]

    operations = [
        # The table is made anew on SQLite, which would lose its triggers.
        lift(APPROVALS),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=exams.kernel.tokens.random_code, editable=False, max_length=20, unique=True)),
                ('reason', models.TextField(verbose_name='reason')),
                ('set_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lift_reason', models.TextField(blank=True, default='')),
            ],
            options={
                'verbose_name': 'hold',
                'verbose_name_plural': 'holds',
            },
        ),
        migrations.CreateModel(
            name='RetentionItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('floor', models.CharField(max_length=12)),
                ('kind', models.CharField(choices=[('camera', 'Camera recordings'), ('screen', 'Screen recordings'), ('phone', 'Phone recordings'), ('id_check', 'Photos and face data'), ('chat', 'Help conversations and messages'), ('logs', 'Devices, addresses, observations')], max_length=10)),
                ('ref', models.CharField(max_length=60)),
                ('size', models.PositiveBigIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('outcome', models.CharField(choices=[('deleted', 'Deleted'), ('held', 'Held back')], max_length=8, null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'deleted thing',
                'verbose_name_plural': 'deleted things',
            },
        ),
        migrations.CreateModel(
            name='RetentionRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=exams.kernel.tokens.random_code, editable=False, max_length=20, unique=True)),
                ('kinds', models.JSONField()),
                ('cutoff', models.DateTimeField()),
                ('state', models.CharField(choices=[('asked', 'Waiting for a second person'), ('replaced', 'Replaced by a newer one'), ('running', 'Being carried out'), ('finished', 'Carried out')], default='asked', max_length=10)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('certificate_digest', models.CharField(blank=True, default='', max_length=64)),
            ],
            options={
                'verbose_name': 'deletion',
                'verbose_name_plural': 'deletions',
            },
        ),
        migrations.AddField(
            model_name='approval',
            name='project',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='exams.project'),
        ),
        migrations.AddField(
            model_name='exhibit',
            name='erased_at',
            field=models.DateTimeField(null=True, verbose_name='deleted by the retention rule'),
        ),
        migrations.AlterField(
            model_name='approval',
            name='action',
            field=models.CharField(choices=[('attempt.void', 'Cancel a score'), ('attempt.restore', 'Bring a score back'), ('case.ruling', 'Rule without cancelling'), ('attempt.room', 'Change a room after the freeze'), ('session.emergency', 'Act on a frozen session'), ('project.deletion', 'Delete what is due')], max_length=20, verbose_name='action'),
        ),
        migrations.AlterField(
            model_name='approval',
            name='session',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='exams.session'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('project__isnull', True), ('session__isnull', False)), models.Q(('project__isnull', False), ('session__isnull', True)), _connector='OR'), name='approval_is_of_a_session_or_a_project'),
        ),
        migrations.AddField(
            model_name='hold',
            name='attempt',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='exams.attempt'),
        ),
        migrations.AddField(
            model_name='hold',
            name='lifted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='hold',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='retentionitem',
            name='attempt',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exams.attempt'),
        ),
        migrations.AddField(
            model_name='retentionrun',
            name='approval',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='retention_run', to='exams.approval'),
        ),
        migrations.AddField(
            model_name='retentionrun',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='retention_runs', to='exams.project'),
        ),
        migrations.AddField(
            model_name='retentionitem',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='exams.retentionrun'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('attempt',), name='one_hold_per_attempt'),
        ),
        migrations.AddConstraint(
            model_name='retentionrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'running'])), fields=('project',), name='one_open_deletion_per_project'),
        ),
        migrations.AddIndex(
            model_name='retentionitem',
            index=models.Index(fields=['run', 'outcome'], name='retention_item_left'),
        ),
        migrations.AddConstraint(
            model_name='retentionitem',
            constraint=models.UniqueConstraint(fields=('run', 'floor', 'kind', 'ref'), name='retention_item_once_per_run'),
        ),
        APPROVALS,
        guard_facts(
            "exams_hold", once=["lifted_by_id", "lifted_at"], moving=["lift_reason"]
        ),
        guard_facts(
            "exams_retentionrun",
            once=["started_at", "finished_at"],
            moving=["state", "certificate_digest"],
        ),
        guard_facts("exams_retentionitem", once=["outcome", "ended_at"]),
    ]
