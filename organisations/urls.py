"""The administrator's pages about people and organisations."""

from django.urls import path

from organisations import views

app_name = "organisations"
urlpatterns = [
    path("people/", views.person_list, name="person-list"),
    path("people/new/", views.person_new, name="person-new"),
    path("people/<int:pk>/", views.person_detail, name="person-detail"),
    path(
        "people/<int:pk>/reset-factor/",
        views.person_reset_factor,
        name="person-reset-factor",
    ),
    path(
        "people/<int:pk>/deactivate/", views.person_deactivate, name="person-deactivate"
    ),
    path(
        "people/tokens/<int:pk>/revoke/",
        views.person_token_revoke,
        name="person-token-revoke",
    ),
    path("organisations/", views.organisation_list, name="organisation-list"),
    path("organisations/new/", views.organisation_new, name="organisation-new"),
    path(
        "organisations/<int:pk>/",
        views.organisation_detail,
        name="organisation-detail",
    ),
    path(
        "organisations/<int:pk>/admit/",
        views.organisation_admit,
        name="organisation-admit",
    ),
    path("memberships/<int:pk>/end/", views.membership_end, name="membership-end"),
]
