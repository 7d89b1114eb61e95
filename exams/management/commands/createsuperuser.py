"""`manage.py createsuperuser`: Django's own, and an entry in the audit trail."""

from django.contrib.auth.management.commands import createsuperuser

from exams.domain.audit import Actor
from exams.domain.staff import record_superuser
from exams.kernel import clock
from exams.models import Staff


class Command(createsuperuser.Command):
    help = "Make an account that may do everything in the admin; it is audited."

    def handle(self, *args: object, **options: object) -> None:
        full = Staff.objects.filter(is_superuser=True)
        before = set(full.values_list("pk", flat=True))
        super().handle(*args, **options)
        for staff in full.exclude(pk__in=before):
            record_superuser(
                staff, by=Actor("system", "createsuperuser"), at=clock.now()
            )
