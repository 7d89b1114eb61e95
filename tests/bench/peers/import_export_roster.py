"""The roster by django-import-export with its default settings: the same tables."""

from pathlib import Path

import tablib
from import_export import fields, resources, widgets

from candidates.domain import people
from candidates.models import Candidate, Enrolment
from exams.models import Attempt, Room, Session


class Person(resources.ModelResource):
    ticket_number = fields.Field("ticket_number", "ticket_no")
    name = fields.Field("name", "name")
    id_number = fields.Field("id_number", "id_no", widget=widgets.CharWidget())
    phone = fields.Field("phone", "phone", widget=widgets.CharWidget())
    email = fields.Field("email", "email", widget=widgets.CharWidget())

    class Meta:
        model = Candidate
        import_id_fields = ("ticket_number",)
        fields = ("ticket_number", "name", "id_number", "phone", "email")
        clean_model_instances = False

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def get_queryset(self):
        return super().get_queryset().filter(project=self.session.project)

    def before_save_instance(self, instance, row, **kwargs) -> None:
        project = self.session.project
        if not people.valid_id_number(instance.id_number):
            raise ValueError(instance.id_number)
        instance.project = project
        instance.id_hash = people.id_hash(instance.id_number)
        instance.sign_in_hash = people.sign_in_hash(
            project, instance.ticket_number, instance.id_number[-6:]
        )
        instance.phone_tail = instance.phone[-4:]
        instance.contact_hash = people.contact_hash(instance.phone, instance.email)

    def after_save_instance(self, instance, row, **kwargs) -> None:
        room, _ = Room.objects.get_or_create(
            session=self.session, name=str(row["group_no"])
        )
        attempt = Attempt.objects.create(session=self.session, room=room)
        Enrolment.objects.create(
            candidate=instance, attempt=attempt, session=self.session
        )


def import_workbook(path: Path, session: Session) -> None:
    """Import as the admin does: the workbook by tablib, then the rows, errors raised."""
    data = tablib.Dataset().load(path.read_bytes(), format="xlsx")
    result = Person(session).import_data(data, raise_errors=True, use_transactions=True)
    assert result.totals["new"] == len(data)
