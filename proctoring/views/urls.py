"""Pages of proctors: the grid, and one candidate enlarged."""

from django.urls import path

from proctoring.views import grid, messages

app_name = "proctor"
urlpatterns = [
    path("", grid.grid, name="grid"),
    path("<slug:code>/", grid.one, name="one"),
    path("<slug:code>/live", grid.live, name="live"),
    path("<slug:code>/timeline", grid.timeline, name="timeline"),
    path(
        "<slug:code>/segments/<uuid:segment>/chunks/<int:first>-<int:last>",
        grid.chunks,
        name="chunks",
    ),
    path("<slug:code>/thumbnails/<slug:stream>.jpg", grid.thumbnail, name="thumbnail"),
    path("<slug:code>/messages/", messages.message, name="message"),
    path("<slug:code>/warnings/", messages.warning, name="warning"),
    path("<slug:code>/incidents/", messages.incident, name="incident"),
]
