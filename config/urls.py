"""The map of the site."""

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import include, path
from django.views.decorators.debug import sensitive_post_parameters

from config.admin import site
from desk.api import api
from desk.views import answers, home
from organisations.second_factor import SetUp

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
    path("factor/", factor.index, name="mfa_index"),
    path("factor/activate/", SetUp.as_view(), name="mfa_activate_totp"),
    path("factor/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("factor/authenticate/", factor.authenticate, name="mfa_authenticate"),
    path("factor/again/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("factor/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "factor/codes/renew/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
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
