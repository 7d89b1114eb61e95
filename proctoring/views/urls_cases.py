"""The candidate's page of a case."""

from django.urls import path

from proctoring.views import candidate

app_name = "cases"
urlpatterns = [path("<str:code>/", candidate.case, name="case")]
