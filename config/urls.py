"""The map of the site."""

from allauth.account import views as account
from django.urls import include, path
from django.views.decorators.debug import sensitive_post_parameters

from config.admin import site
from desk.api import api
from desk.views import answers, home

#: Of django-allauth only what is used: sign-up is closed, mail is no identity.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("signup/", account.signup, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/set/", answers.no_password, name="account_set_password"),
    path(
        "password/change/",
        sensitive_post_parameters()(account.password_change),
        name="account_change_password",
    ),
]

urlpatterns = [
    path("api/v1/", api.urls),
    path("accounts/", include(accounts)),
    path("admin/", site.urls),
    path("language/", home.language, name="set_language"),
    path("", include("grants.urls")),
    path("", include("desk.urls")),
    path("", include("organisations.urls")),
]

handler400 = "desk.views.answers.bad_request"
handler403 = "desk.views.answers.forbidden"
handler404 = "desk.views.answers.not_found"
handler500 = "desk.views.answers.server_error"
