"""Splits are only added; a move is filled in once, when it is done."""

from django.db import migrations

from exams.kernel.append_only import guard, guard_facts


class Migration(migrations.Migration):
    dependencies = [("exams", "0009_room_splits")]
    operations = [
        guard("exams_roomsplit"),
        guard_facts("exams_roommove", once=["moved_at"]),
    ]
