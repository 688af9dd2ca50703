"""Public pages: rounds, notices, the status of an objection."""

from django.urls import path

from grants.views import calls, register

app_name = "grants"
urlpatterns = [
    path("", calls.home, name="home"),
    path("calls/<slug:code>/", calls.round_public, name="round-public"),
    path("notices/", calls.notice_list, name="notice-list"),
    path("notices/<int:pk>/", calls.notice_detail, name="notice-detail"),
    path("objections/", calls.objection_find, name="objection-find"),
    path("objections/<str:number>/", calls.objection_status, name="objection-status"),
    path("projects/", register.project_list, name="project-list"),
    path("projects/figures/", register.figures, name="figures"),
    path("projects/open-data.csv", register.projects_csv, name="projects-csv"),
    path("projects/open-data.json", register.projects_json, name="projects-json"),
    path("projects/<str:number>/", register.project_detail, name="project-detail"),
]
