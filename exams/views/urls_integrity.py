from django.urls import path

from exams.views import integrity

app_name = "integrity"
urlpatterns = [
    path("keys.json", integrity.signing_keys, name="keys"),
    path("draws/<slug:code>.json", integrity.draw_transcript, name="draw"),
]
