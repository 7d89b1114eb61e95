"""Candidates: read from the roster; only the photo is put here by hand."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.files.base import ContentFile
from django.http import FileResponse, Http404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from candidates.admin.conflicts import examiners_excluded
from candidates.domain.people import mask_id_number
from candidates.domain.photo_files import put_clean_photo
from candidates.domain.photos import clean_photo
from candidates.models import Candidate, Enrolment
from candidates.queries.finding import narrowed
from candidates.queries.posts import posts_of
from candidates.queries.roster import mask_email, mask_phone
from exams.admin.badges import ATTEMPT, state_badge, yes_or_no
from exams.admin.base import AuditedAdmin, ReadOnlyInline
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.kernel.errors import Refusal
from exams.queries.retention import erased_words
from exams.queries.scope import administered


class CandidateForm(forms.ModelForm):
    class Meta:
        model = Candidate
        fields = ["photo"]
        widgets = {"photo": forms.FileInput(attrs={"accept": "image/jpeg,image/png"})}
        help_texts = {
            "photo": _(
                "The portrait that staff compare with at the identity check. JPEG or "
                "PNG; place and device data are removed."
            )
        }

    def clean_photo(self):
        photo = self.cleaned_data["photo"]
        if not photo or "photo" not in self.changed_data:
            return photo
        raw = photo.read(settings.PHOTO_MAX_BYTES + 1)
        try:
            clean = clean_photo(raw, max_bytes=settings.PHOTO_MAX_BYTES)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return ContentFile(clean, name="photo.jpg")


class EnrolmentInline(ReadOnlyInline):
    model = Enrolment
    fields = ["session", "mock_day", "attempt_link", "room", "shown_state"]
    readonly_fields = fields

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.select_related("session", "attempt__room")

    @admin.display(description=_("attempt"))
    def attempt_link(self, obj):
        url = reverse("admin:exams_attempt_change", args=[obj.attempt_id])
        return format_html('<a href="{}">{}</a>', url, obj.attempt.code)

    @admin.display(description=_("room"))
    def room(self, obj):
        return obj.attempt.room or "—"

    @admin.display(description=_("state"))
    def shown_state(self, obj):
        attempt = obj.attempt
        return state_badge(ATTEMPT, attempt.state, attempt.get_state_display())


class PostFilter(admin.SimpleListFilter):
    title = _("post")
    parameter_name = "post"

    def lookups(self, request, model_admin):
        own = None
        if not request.user.is_superuser:
            own = list(administered(request.user).values_list("pk", flat=True))
        return [(post, post) for post in posts_of(own)]

    def queryset(self, request, queryset):
        return queryset.filter(post=self.value()) if self.value() else queryset


@admin.register(Candidate)
class CandidateAdmin(AuditedAdmin):
    """Numbers are masked on every screen; corrections come with the roster."""

    form = CandidateForm
    change_form_template = "admin/candidate_change_form.html"
    inlines = [EnrolmentInline]
    project_path = "project"
    list_display = ["ticket_number", "name", "post", "project", "has_photo"]
    list_select_related = ["project"]
    list_filter = [PostFilter]
    search_fields = ["ticket_number", "name", "phone_tail", "enrolments__attempt__code"]
    search_help_text = _("Ticket number, name, last four of the phone, attempt code")
    # As the index of the ticket number's constraint has them.
    ordering = ["project_id", "ticket_number"]
    readonly_fields = [
        "project",
        "ticket_number",
        "name",
        "masked_id",
        "masked_phone",
        "masked_email",
        "post",
        "excluded",
        "shown_photo",
    ]
    fields = [
        "project",
        ("ticket_number", "name"),
        ("masked_id", "masked_phone"),
        "masked_email",
        "post",
        "excluded",
        "shown_photo",
        "photo",
    ]

    def get_queryset(self, request):
        candidates = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            # A list shows neither, so nothing is decrypted for it.
            return candidates.defer("id_number", "phone", "email")
        return candidates

    def get_search_results(self, request, queryset, search_term):
        # By index, as the search of the letterhead does; never a scan of texts.
        return narrowed(queryset, search_term), False

    def get_urls(self):
        photo = path(
            "<int:pk>/photo/",
            self.admin_site.admin_view(self.photo_view),
            name="candidate_photo",
        )
        return [photo, *super().get_urls()]

    def has_add_permission(self, request):
        return False

    def save_model(self, request, obj, form, change):
        if "photo" in form.changed_data:
            put_clean_photo(
                obj,
                clean=form.cleaned_data["photo"].read(),
                by=Actor.of_staff(request.user),
                at=clock.now(),
            )

    def log_change(self, request, obj, message):
        """Nothing: the photo, all that changes here, is audited where it is put."""

    def photo_view(self, request, pk):
        candidate = self.get_object(request, str(pk))
        if candidate is None or not candidate.photo:
            raise Http404
        # `admin_view` already forbids every cache to keep it.
        return FileResponse(candidate.photo.open(), content_type="image/jpeg")

    @admin.display(description=_("ID number"))
    def masked_id(self, obj):
        return mask_id_number(obj.id_number)

    @admin.display(description=_("phone"))
    def masked_phone(self, obj):
        return mask_phone(obj.phone) or "—"

    @admin.display(description=_("not scored by"))
    def excluded(self, obj):
        return examiners_excluded(obj)

    @admin.display(description=_("e-mail"))
    def masked_email(self, obj):
        return mask_email(obj.email) or "—"

    @admin.display(description=_("photo"))
    def has_photo(self, obj):
        return yes_or_no(bool(obj.photo))

    @admin.display(description=_("present photo"))
    def shown_photo(self, obj):
        if not obj.photo and obj.photo_erased_at:
            return erased_words(obj.photo_erased_at)
        if not obj.photo:
            return _("No photo yet: the identity check has nothing to compare with.")
        return format_html(
            '<img class="k-portrait" src="{}" alt="{}">',
            reverse("admin:candidate_photo", args=[obj.pk]),
            _("Photo on the roster"),
        )
