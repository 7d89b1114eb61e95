"""Times as people type them: local, in the row's own zone, and never guessed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from exams.domain.local_times import (
    instant_of,
    offset_of,
    reading_of,
    zone_named,
)
from exams.enums import LocalReading
from exams.kernel.errors import Refusal

READING = "_reading"


class LocalDateTimeField(forms.SplitDateTimeField):
    """A naive local time; its form knows the zone."""

    def compress(self, data_list):
        if not data_list:
            return None
        day, time = data_list
        if day in self.empty_values or time in self.empty_values:
            return super().compress(data_list)
        return datetime.combine(day, time)


def reading_field(label: object) -> forms.ChoiceField:
    """Return the choice between two instants; hidden until there are two."""
    return forms.ChoiceField(
        label=capfirst(label),
        required=False,
        choices=[("", _("— choose —")), *LocalReading.choices],
        widget=forms.HiddenInput,
        help_text=_("The clocks are changed at this time. Say which you mean."),
    )


class LocalTimesMixin:
    """A model form whose `local_times` are typed in the zone of its `time_zone`.

    Each has a field `<name>_reading` beside it. A time that is there twice, or not at
    all, is refused with both readings, and the choice between them is shown.
    """

    local_times: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        zone = zone_named(getattr(self.instance, "time_zone", "")) or ZoneInfo("UTC")
        for name in self.local_times:
            if name not in self.fields:
                continue
            at = self.initial.get(name)
            self._name_parts(name)
            self._say_zone(name, at, zone)
            if not isinstance(at, datetime) or at.tzinfo is None:
                continue
            # Without tzinfo Django shows it as it is.
            self.initial[name] = at.astimezone(zone).replace(tzinfo=None)
            if reading := reading_of(at, zone):
                self.initial[name + READING] = reading
                self._show_reading(name)

    def clean_time_zone(self):
        name = self.cleaned_data["time_zone"].strip()
        if zone_named(name) is None:
            raise forms.ValidationError(
                _("The time zone “%(name)s” is not known."), params={"name": name}
            )
        return name

    def clean(self):
        cleaned = super().clean()
        zone = zone_named(self.cleaned_data.get("time_zone", ""))
        for name in self.local_times:
            local = self.cleaned_data.get(name)
            if local is None:
                continue
            if zone is None:
                del self.cleaned_data[name]
                continue
            reading = self.cleaned_data.get(name + READING, "")
            try:
                self.cleaned_data[name] = instant_of(local, zone, reading)
            except Refusal as refusal:
                self._show_reading(name)
                self.add_error(name, str(refusal))
        return cleaned

    def _show_reading(self, name: str) -> None:
        field = self.fields.get(name + READING)
        if field is not None:
            field.widget = forms.Select(choices=field.choices)
            field.widget.attrs["aria-label"] = field.label

    def _name_parts(self, name: str) -> None:
        field = self.fields[name]
        parts = zip(field.widget.widgets, (_("date"), _("time")), strict=True)
        for widget, word in parts:
            widget.attrs["aria-label"] = f"{field.label} {word}"

    def _say_zone(self, name: str, at: datetime | None, zone: ZoneInfo) -> None:
        field, stated = self.fields[name], self.data.get("time_zone")
        typed = zone_named(stated) if stated else None
        told = (typed or zone).key
        if typed in (None, zone) and isinstance(at, datetime) and at.tzinfo:
            told = f"{told} {offset_of(at, zone)}"
        field.help_text = " · ".join(filter(None, [told, str(field.help_text)]))
