"""The staff's identity pages."""

from django.urls import path

from candidates.views import helpdesk, identity_codes

app_name = "checkins"
urlpatterns = [
    path("checkins/", helpdesk.queue, name="queue"),
    path("checkins/<int:pk>/", helpdesk.check_in, name="check-in"),
    path("checkins/<int:pk>/roster-photo/", helpdesk.roster_photo, name="roster-photo"),
    path("checkins/photos/<int:pk>/", helpdesk.photo, name="photo"),
    path("numbers/<str:code>/", helpdesk.number, name="number"),
    path("checkins/codes/<str:code>/", identity_codes.identity_code, name="code"),
    path("takeovers/<int:pk>/", helpdesk.takeover, name="takeover"),
]
