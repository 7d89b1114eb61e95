"""Pages of examiners: numbers, exhibits and sheets."""

from django.urls import path

from exams.views import examiner, media

app_name = "examiner"
urlpatterns = [
    path("", examiner.sessions, name="index"),
    path("sessions/<slug:code>/", examiner.desk, name="desk"),
    path("sheets/<uuid:code>/", examiner.sheet, name="sheet"),
    path("sheets/<uuid:code>/marks/", examiner.marks, name="marks"),
    path("sheets/<uuid:code>/submission/", examiner.submission, name="submission"),
    path("exhibits/<uuid:code>/parts/<int:number>", media.part, name="part"),
]
