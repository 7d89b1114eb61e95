"""The API for other systems, and its description."""

from django.urls import path

from candidates.api import description, reading
from exams.api import reading as lower

app_name = "reading"
endpoints = [
    path("projects", lower.ProjectsView.as_view(), name="projects"),
    path("sessions", lower.SessionsView.as_view(), name="sessions"),
    path(
        "sessions/<slug:code>/attempts", reading.StatesView.as_view(), name="attempts"
    ),
    path("sessions/<slug:code>/results", reading.ResultsView.as_view(), name="results"),
]
urlpatterns = [
    *endpoints,
    path("schema.json", description.schema, name="schema"),
    path("docs/", description.docs, name="docs"),
]
