"""Public pages: rounds, notices, the status of an objection."""

from django.urls import path

from grants import views

app_name = "grants"
urlpatterns = [
    path("", views.home, name="home"),
    path("calls/<slug:code>/", views.round_public, name="round-public"),
    path("notices/", views.notice_list, name="notice-list"),
    path("notices/<int:pk>/", views.notice_detail, name="notice-detail"),
    path("objections/", views.objection_find, name="objection-find"),
    path("objections/<str:number>/", views.objection_status, name="objection-status"),
]
