"""The candidate's pages."""

from django.urls import path

from candidates.views import candidate, documents, results, tickets

app_name = "candidate"
urlpatterns = [
    path("", candidate.landing, name="landing"),
    path("p/<slug:slug>/", candidate.entry, name="entry"),
    path("p/<slug:slug>/home/", candidate.home, name="home"),
    path("p/<slug:slug>/sign-out/", candidate.sign_out, name="sign-out"),
    path("p/<slug:slug>/open/<str:code>/", candidate.open_exam, name="open"),
    path("p/<slug:slug>/mock/<str:code>/", candidate.begin_mock, name="mock"),
    path(
        "p/<slug:slug>/face-withdrawal/",
        candidate.withdraw_face,
        name="face-withdrawal",
    ),
    path(
        "p/<slug:slug>/documents/<str:digest>/",
        documents.document_file,
        name="document-file",
    ),
    path("exam/<str:code>/", candidate.exam, name="exam"),
    path("result/<str:code>/", results.result, name="result"),
    path("result/<str:code>/recheck/", results.recheck, name="recheck"),
    path("ticket/<str:code>/", tickets.ticket, name="ticket"),
    path("ticket/<str:code>/photo/", tickets.ticket_photo, name="ticket-photo"),
    path("ticket/<str:code>/<str:language>/", tickets.ticket_file, name="ticket-file"),
]
