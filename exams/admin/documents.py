"""Documents that candidates read: drafts are edited, published ones looked at."""

from django import forms
from django.contrib import admin
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from exams.admin.base import AuditedAdmin
from exams.admin.steps import Step, StepsMixin
from exams.domain.documents import MAX_BYTES, PictureNeeded, attach, check_file
from exams.domain.projects import AlreadyPublished, publish_document
from exams.enums import DocumentKind
from exams.kernel.errors import Refusal
from exams.models import Document
from exams.views.files import served

TYPES = "application/pdf,image/jpeg,image/png,text/plain,.pdf,.jpg,.jpeg,.png,.txt"

PUBLISH = Step(
    name="publish",
    title=_("Publish the document"),
    effect=_("Candidates of the project read this text from now on."),
    final=_("A published version is never changed; a new version replaces it."),
    done=_("The document is published."),
    act=lambda row, by, at, reason: publish_document(row, by=by, at=at),
    fits=lambda row: row.published_at is None,
    extent=lambda row: (
        _("Version %(version)s of “%(title)s”.")
        % {"version": row.version, "title": row.title}
    ),
)


class DocumentForm(forms.ModelForm):
    """A text, a file, or both; the file is looked at before anything is stored."""

    upload = forms.FileField(
        label=capfirst(_("new file")),
        required=False,
        widget=forms.FileInput(attrs={"accept": TYPES}),
        help_text=_("PDF, JPEG, PNG or plain text, at most %(megabytes)s MB.")
        % {"megabytes": MAX_BYTES // 2**20},
    )
    remove_file = forms.BooleanField(
        label=capfirst(_("remove the file")), required=False
    )

    class Meta:
        model = Document
        fields = [
            "project",
            "kind",
            "version",
            "language",
            "title",
            "must_read",
            "body",
        ]
        help_texts = {
            "language": _("Empty: for readers of every language."),
            "must_read": _("On: nobody goes on without the tick “I have read this”."),
            "body": _("Plain text; an empty line begins a new paragraph."),
        }

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        if not upload:
            return None
        try:
            return check_file(upload.read(MAX_BYTES + 1))
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self):
        cleaned = super().clean()
        has_file = cleaned.get("upload") or (
            self.instance.file and not cleaned.get("remove_file")
        )
        if not cleaned.get("body", "").strip() and not has_file:
            self.add_error("body", _("Write a text or choose a file."))
        picture = cleaned.get("upload")
        type_ = picture.mime if picture else self.instance.file_type if has_file else ""
        is_sample = cleaned.get("kind") == DocumentKind.SAMPLE
        if is_sample and "upload" not in self.errors and type_[:6] != "image/":
            self.add_error("upload", str(PictureNeeded()))
        return cleaned


@admin.register(Document)
class DocumentAdmin(StepsMixin, AuditedAdmin):
    """A draft is edited; a published version is read, and followed by a new one."""

    form = DocumentForm
    steps = (PUBLISH,)
    project_path = "project"
    change_form_template = "admin/document_change_form.html"
    list_display = ["title", "kind", "language", "version", "project", "published_at"]
    list_select_related = ["project"]
    list_filter = ["kind", "language"]
    search_fields = ["title"]
    readonly_fields = ["shown_file", "published_at", "next_version"]

    def get_fields(self, request, obj=None):
        first = [
            "project",
            ("kind", "version"),
            ("title", "language"),
            "must_read",
            "body",
        ]
        if obj is not None and not self.has_change_permission(request, obj):
            return [*first, "shown_file", "published_at", "next_version"]
        kept = ["shown_file", "remove_file"] if obj and obj.file else []
        return [*first, *kept, "upload", "published_at", "next_version"]

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/preview/",
                view(self.preview_view),
                name="exams_document_preview",
            ),
            path(
                "<path:object_id>/file/",
                view(self.file_view),
                name="exams_document_file",
            ),
            *super().get_urls(),
        ]

    def preview_view(self, request, object_id):
        """Show the document as a candidate sees it, draft or published."""
        document = self._document(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Preview: %s") % document,
            "opts": self.opts,
            "document": document,
            "is_picture": document.file_type.startswith("image/"),
            "back": reverse("admin:exams_document_change", args=[document.pk]),
        }
        return TemplateResponse(request, "admin/document_preview.html", context)

    def file_view(self, request, object_id):
        return served(self._document(request, object_id))

    def has_change_permission(self, request, obj=None):
        published = obj is not None and obj.published_at
        return not published and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj) and obj is not None

    def save_model(self, request, obj, form, change):
        stored = Document.objects.select_for_update().filter(pk=obj.pk)
        if stored.filter(published_at__isnull=False).exists():
            raise AlreadyPublished
        checked = form.cleaned_data.get("upload")
        if checked or form.cleaned_data.get("remove_file"):
            attach(obj, checked)
        super().save_model(request, obj, form, change)

    @admin.display(description=_("file"))
    def shown_file(self, obj):
        if not obj.file:
            return "—"
        return format_html(
            '<a href="{}">{}</a> · {} KB',
            reverse("admin:exams_document_file", args=[obj.pk]),
            obj.file_type,
            -(-obj.file_size // 1024),
        )

    @admin.display(description=_("next version"))
    def next_version(self, obj):
        if not obj.published_at:
            return _("This is a draft; candidates do not see it yet.")
        same = {
            "project": obj.project_id,
            "kind": obj.kind,
            "version": obj.version + 1,
            "title": obj.title,
            "language": obj.language,
        }
        return format_html(
            '<a href="{}?{}">{}</a>',
            reverse("admin:exams_document_add"),
            urlencode(same),
            _("Write the next version"),
        )

    def _document(self, request, object_id):
        document = self.get_object(request, object_id)
        if document is None or not self.has_view_permission(request, document):
            raise Http404
        return document
