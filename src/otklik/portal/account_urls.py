"""URLs of accounts. Without a namespace, since allauth looks its own views up by these names."""

from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView

from otklik.people.account_links import ACTIVATION_PATH, RESET_PATH, SIGN_UP_PATH
from otklik.portal.views import (
    activation,
    forgot_password,
    login,
    login_code,
    logout,
    passkeys,
    reauthentication,
    reset_password,
    second_factor,
    signup,
    sso,
)

_USER = "servicedesk/customer/user"
_TO_LOGIN = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_USER}/login", login.login, name="account_login"),
    path(f"{_USER}/login/code", login_code.request_code, name="account_request_login_code"),
    path(f"{_USER}/login/code/confirm", login_code.confirm_code, name="account_confirm_login_code"),
    path(f"{_USER}/login/passkey", passkeys.login_by_passkey, name="mfa_login_webauthn"),
    path(f"{_USER}/login/second-factor", second_factor.authenticate, name="mfa_authenticate"),
    path(f"{_USER}/login/sso", sso.start, name="openid_connect_login"),
    path(f"{_USER}/login/sso/<str:provider_id>/callback", sso.callback, name="openid_connect_callback"),
    path(f"{_USER}/confirm", reauthentication.confirm, name="account_reauthenticate"),
    path("login.jsp", _TO_LOGIN),
    path(f"{_USER}/signup", signup.signup, name="account_signup"),
    path(f"{_USER}/signup/sent", signup.sent, name="account_signup_sent"),
    path(f"{_USER}/signup/finish", signup.finish, name="account_signup_finish"),
    path(f"{SIGN_UP_PATH}<path:secret>", signup.link),
    path("servicedesk/customer/portal/<int:desk_id>/user/login", login.desk_login),
    path(f"{_USER}/logout", logout.logout, name="account_logout"),
    path("logoutconfirm.jsp", RedirectView.as_view(pattern_name="account_logout")),
    path(f"{_USER}/inactive", login.inactive, name="account_inactive"),
    path("secure/ForgotLoginDetails.jspa", forgot_password.forgot, name="account_reset_password"),
    path(f"{_USER}/forgot/sent", forgot_password.sent, name="account_reset_password_done"),
    path("secure/ResetPassword!default.jspa", forgot_password.old_link),
    re_path(
        rf"^{RESET_PATH}(?P<uidb36>[0-9A-Za-z]{{1,13}})-(?P<key>[^/]+)$",
        reset_password.reset,
        name="account_reset_password_from_key",
    ),
    path(f"{RESET_PATH}<path:broken>", reset_password.broken),
    path(f"{_USER}/activate", activation.activation, name="account_activate"),
    path(f"{_USER}/activate/", activation.broken),
    path(f"{_USER}/activate/<path:secret>", activation.link, name="account_activation_link"),
    path(f"{ACTIVATION_PATH}<path:secret>", activation.link),
]
