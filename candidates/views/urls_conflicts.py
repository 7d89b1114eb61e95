"""The examiner's declared conflicts."""

from django.urls import path

from candidates.views import conflicts

app_name = "conflicts"
urlpatterns = [path("", conflicts.conflicts, name="own")]
