"""The phone's pages and API, all below the one path that its cookie knows."""

from django.urls import path, re_path

from candidates.api import phone as api
from candidates.views import phone

app_name = "phone"
urlpatterns = [
    path("", phone.door, name="door"),
    path("film/", phone.film, name="film"),
    path("api/state", api.PhoneStateView.as_view(), name="state"),
    path("api/beat", api.PhoneBeatView.as_view(), name="beat"),
    path("api/film", api.PhoneFilmView.as_view(), name="filming"),
    path("api/stop", api.PhoneStopView.as_view(), name="stop"),
    path("api/seal", api.PhoneSealView.as_view(), name="seal"),
    path("api/thumbnail", api.PhoneThumbnailView.as_view(), name="thumbnail"),
    re_path("^(?P<token>[0-9a-f]{32})/$", phone.open_code, name="open"),
]
