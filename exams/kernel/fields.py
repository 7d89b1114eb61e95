"""Columns that are encrypted at rest with the `field` or `paper` keys."""

from collections.abc import Sequence

from django.db import models
from django.utils.functional import cached_property

from exams.kernel import keys


class SealedTextField(models.BinaryField):
    """Text in Python, AES-256-GCM ciphertext in the database.

    The ciphertext names its key and is bound to the model and column, so a value
    moved to another column does not open. Empty text stays empty.
    """

    def __init__(self, *args: object, family: str = "field", **kwargs: object) -> None:
        self.family = family
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        kwargs["family"] = self.family
        kwargs["editable"] = True
        return name, path, args, kwargs

    def _check_str_default_value(self) -> list:
        return []  # text is what this column takes

    @cached_property
    def _context(self) -> bytes:
        return f"{self.model._meta.label_lower}.{self.attname}".encode()

    def get_prep_value(self, value: str | None) -> bytes | None:
        if value is None:
            return None
        if value == "":
            return b""
        return keys.encrypt(value.encode(), family=self.family, context=self._context)

    def seal_all(self, values: Sequence[str]) -> list[bytes]:
        """Return what `get_prep_value` does of each of many texts."""
        return keys.encrypt_all(
            [value.encode() for value in values],
            family=self.family,
            context=self._context,
        )

    def get_db_prep_value(self, value, connection, prepared=False):
        if not prepared:
            value = self.get_prep_value(value)
        return super().get_db_prep_value(value, connection, prepared=True)

    def from_db_value(self, value, expression, connection) -> str | None:
        if value is None:
            return None
        if not value:
            return ""
        opened = keys.decrypt(value, family=self.family, context=self._context)
        return opened.decode()

    def to_python(self, value: str | None) -> str | None:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return self.value_from_object(obj)

    def formfield(self, **kwargs: object):
        return models.TextField.formfield(
            models.TextField(blank=self.blank, verbose_name=self.verbose_name), **kwargs
        )
