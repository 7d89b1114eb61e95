import django.db.models.deletion
import exams.kernel.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("exams", "0018_upload_lock_home"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='signinlock',
            options={'verbose_name': 'locked sign-in', 'verbose_name_plural': 'locked sign-ins'},
        ),
        migrations.AddField(
            model_name='signinlock',
            name='address',
            field=exams.kernel.fields.SealedTextField(blank=True, default='', editable=True, family='field', verbose_name='address'),
        ),
        migrations.AddField(
            model_name='signinlock',
            name='staff',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='signinlock',
            name='failures',
            field=models.PositiveIntegerField(default=0, verbose_name='wrong passwords or codes'),
        ),
        migrations.AlterField(
            model_name='signinlock',
            name='first_at',
            field=models.DateTimeField(verbose_name='since'),
        ),
        migrations.AlterField(
            model_name='signinlock',
            name='locked_until',
            field=models.DateTimeField(null=True, verbose_name='locked until'),
        ),
    ]
