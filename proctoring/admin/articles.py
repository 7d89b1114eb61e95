"""The rules of a project: every change is another version."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from exams.admin.badges import yes_or_no
from exams.admin.base import AuditedAdmin
from proctoring.domain.articles import revise_article
from proctoring.models import Article

# Whatever language the page is in, a text is spoken in its own.
LANGUAGES = {"label_zh": "zh-Hans", "text_zh": "zh-Hans", "text_en": "en"}


@admin.register(Article)
class ArticleAdmin(AuditedAdmin):
    """Made from the preset; old versions are looked at, the newest is changed."""

    project_path = "project"
    list_display = ["code", "label_zh", "text_zh", "project", "sanction", "in_force"]
    list_select_related = ["project"]
    list_filter = ["chapter", "sanction"]
    search_fields = ["code", "text_zh", "text_en"]
    ordering = ["project", "position", "-version"]
    fields = [
        "project",
        ("code", "position"),
        ("chapter", "sanction"),
        "label_zh",
        "text_zh",
        "text_en",
        "needs_warning",
        ("version", "in_force"),
    ]
    readonly_fields = ["version", "in_force"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in LANGUAGES:
            field.widget.attrs["lang"] = LANGUAGES[db_field.name]
        return field

    def get_readonly_fields(self, request, obj=None):
        fixed = ["project", "code"] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def has_change_permission(self, request, obj=None):
        in_force = obj is None or obj.is_current
        return in_force and super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        if not change:
            super().save_model(request, obj, form, change)
            return
        revise_article(
            obj, **{name: form.cleaned_data[name] for name in form.changed_data}
        )

    @admin.display(description=_("in force"), ordering="is_current")
    def in_force(self, obj):
        return yes_or_no(obj.is_current)
