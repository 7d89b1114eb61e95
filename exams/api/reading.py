"""The project and its sessions, for other systems."""

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from exams.api.systems import ReadingView
from exams.domain.schedule import Schedule
from exams.enums import Scope, SessionKind, SessionState
from exams.models import Project, Session


class ProjectSerializer(serializers.Serializer):
    slug = serializers.CharField()
    title = serializers.CharField()
    hotline = serializers.CharField()
    hotline_hours = serializers.CharField()
    access_opens_at = serializers.DateTimeField()
    access_closes_at = serializers.DateTimeField()


class SessionSerializer(serializers.Serializer):
    """Times are instants in UTC; `time_zone` is what candidates read."""

    code = serializers.CharField()
    project = serializers.CharField(source="project.slug")
    title = serializers.CharField()
    kind = serializers.ChoiceField(SessionKind.values)
    state = serializers.ChoiceField(SessionState.values)
    time_zone = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.SerializerMethodField()
    frozen_at = serializers.DateTimeField(allow_null=True)

    def get_ends_at(self, session: Session) -> str:
        return serializers.DateTimeField().to_representation(Schedule.of(session).ends)


@extend_schema(summary=_("The project of the token"))
class ProjectsView(ReadingView):
    serializer_class = ProjectSerializer
    scope = Scope.PROJECTS

    def get_queryset(self) -> QuerySet[Project]:
        rows = Project.objects.filter(pk=self.project.pk)
        return rows.annotate(code=F("slug"))


@extend_schema(summary=_("Its sessions, with their times and states"))
class SessionsView(ReadingView):
    serializer_class = SessionSerializer
    scope = Scope.SESSIONS

    def get_queryset(self) -> QuerySet[Session]:
        return Session.objects.filter(project=self.project).select_related("project")
