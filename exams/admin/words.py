"""Words for columns whose models name them for programmers only.

Forms, lists and filters of the admin read them; a model's own words stay, except
where one word of English is two in Chinese.
"""

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COLUMNS: dict[str, Promise] = {
    "article": _("article"),
    "attempt": _("attempt"),
    "chain": _("chain"),
    "closed_at": _("closed at"),
    "code": _("code"),
    "commitment": _("commitment"),
    "committed_at": _("committed at"),
    "complete": _("complete"),
    "computed_at": _("computed at"),
    "consent_version": _("consent version"),
    "consented_at": _("consented at"),
    "created_at": _("created at"),
    "decided_at": _("decided at"),
    "decided_by": _("decided by"),
    "digest": _("digest"),
    "drawn_at": _("drawn at"),
    "epoch": _("epoch"),
    "examiner": _("examiner"),
    "facts": _("facts"),
    "filename": _("file name"),
    "confirmed_at": _("confirmed at"),
    "confirmed_by": _("confirmed by"),
    "opened_by": _("opened by"),
    "source": _("source"),
    "from_at": _("from"),
    "kind": _("kind"),
    "lease_epoch": _("epoch"),
    "level": _("level"),
    "mime": _("media type"),
    "opened_at": _("opened at"),
    "origin": _("dealt how"),
    "previous": _("previous digest"),
    "project": _("project"),
    "reason": _("reason"),
    "released_at": _("released at"),
    "role": _("role"),
    "room": _("room"),
    "roster_hash": _("roster fingerprint"),
    "sealed_at": _("sealed at"),
    "seq": _("number in the chain"),
    "session": _("session"),
    "state": _("state"),
    "stated_count": _("pieces stated"),
    "stream": _("stream"),
    "submitted_at": _("submitted at"),
    "submitted_by": _("ended by"),
    "to_at": _("until"),
    "actor_ref": _("actor's key"),
    "address": _("network address"),
    "uuid": _("segment"),
    "value": _("mark"),
}
OWN = {
    "room.name": _("name of the room"),
    "criterion.name": _("name of the criterion"),
    "staff.first_name": _("full name"),
    "staff.is_staff": _("may open the administration"),
}


def name_columns(model: type[Model]) -> None:
    """Give the model's unnamed columns their words; once per admin class."""
    for field in model._meta.fields:
        own = OWN.get(f"{model._meta.model_name}.{field.name}")
        if own:
            field.verbose_name = own
        elif field._verbose_name is None and field.name in COLUMNS:
            field.verbose_name = COLUMNS[field.name]
