"""Django's settings, read from the environment (docs/settings.md). Safe by default: no debug, no dummy secret."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from otklik.config import env_values
from otklik.core import env
from otklik.core.database import database_settings
from otklik.core.secret_key import secret_key
from otklik.mail.outgoing_server import parse_outgoing

HOME = Path(env.text("OTKLIK_HOME", "var")).absolute()
_public = env_values.public_url("OTKLIK_PUBLIC_URL", "http://127.0.0.1:8000")
PUBLIC_URL = _public.geturl()
_HTTPS = _public.scheme == "https"
_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]

SITE_NAME = env.text("OTKLIK_SITE_NAME") or _("Help center")
DEMO = env.flag("OTKLIK_DEMO")
OUTGOING = env.text("OTKLIK_OUTGOING")
parse_outgoing(OUTGOING)
TRUSTED_AUTHSERV = env_values.authserv("OTKLIK_TRUSTED_AUTHSERV")
KEEP_MACHINE_MAIL = env.days("OTKLIK_KEEP_MACHINE_MAIL", 90, least=30)
KEEP_ORIGINALS = env.days("OTKLIK_KEEP_ORIGINALS", 0, least=30)
KEEP_SENT = env.days("OTKLIK_KEEP_SENT", 0, least=30)
# Days for which drafts are kept (docs/forms.md).
KEEP_DRAFTS = env.days("OTKLIK_KEEP_DRAFTS", 30, least=1)
DEFAULT_MAILBOX = env_values.address("OTKLIK_DEFAULT_MAILBOX")
DKIM_CHECK = env.flag("OTKLIK_DKIM_CHECK")
DNS_SERVERS = env.places("OTKLIK_DNS", 53)
TRUSTED_PROXIES = env.integer("OTKLIK_TRUSTED_PROXIES", 0, most=20)
TRUSTED_RELAYS = env_values.networks("OTKLIK_TRUSTED_RELAYS")
MAIL_SIZE_LIMIT = env.integer("OTKLIK_MAIL_SIZE_LIMIT", 35 * 1024 * 1024, least=64 * 1024, most=512 * 1024 * 1024)
# Limits on mails to unverified addresses: automatic mails, and those that a customer causes (docs/mail.md).
BUDGET_ADDRESS_HOUR = env.integer("OTKLIK_BUDGET_ADDRESS_HOUR", 6)
BUDGET_ADDRESS_DAY = env.integer("OTKLIK_BUDGET_ADDRESS_DAY", 30)
BUDGET_DOMAIN_HOUR = env.integer("OTKLIK_BUDGET_DOMAIN_HOUR", 600)
BUDGET_SITE_HOUR = env.integer("OTKLIK_BUDGET_SITE_HOUR", 1500)
BUDGET_CUSTOMER_HOUR = env.integer("OTKLIK_BUDGET_CUSTOMER_HOUR", 40)
BUDGET_CUSTOMER_DAY = env.integer("OTKLIK_BUDGET_CUSTOMER_DAY", 100)
# Seconds before an agent's reply is sent, unless the desk sets another; 0: at once.
HOLD_SECONDS = env.integer("OTKLIK_HOLD_SECONDS", 10)
# An envelope sender of its own for each mail, so that bounces are matched (docs/mail.md).
VERP = env.flag("OTKLIK_VERP", True)
# Received headers that make a mail a loop; mails of one person on one ticket within ten minutes that make it a machine.
LOOP_HOPS = env.integer("OTKLIK_LOOP_HOPS", 30, least=10)
LOOP_MAILS = env.integer("OTKLIK_LOOP_MAILS", 5, least=1)
# Mails per minute, of all workers, that have waited for more than a quarter of an hour; 0: no limit.
LATE_PER_MINUTE = env.integer("OTKLIK_LATE_PER_MINUTE", 600)
# Hours after which a delayed mail says so in its text; 0: never.
DELAYED_HOURS = env.integer("OTKLIK_DELAYED_HOURS", 12)
DKIM_KEY = env_values.private_key("OTKLIK_DKIM_KEY", "OTKLIK_DKIM_SELECTOR", "OTKLIK_DKIM_DOMAIN")
DKIM_SELECTOR = env_values.domain("OTKLIK_DKIM_SELECTOR")
DKIM_DOMAIN = env_values.domain("OTKLIK_DKIM_DOMAIN")
# The mail intake to which the demo's post office submits mails.
DEMO_SMTP = env_values.host_and_port("OTKLIK_DEMO_SMTP", "127.0.0.1:2525")

SECRET_KEY = secret_key(HOME)
DEBUG = False
ALLOWED_HOSTS = [
    _public.hostname,
    *(_LOOPBACK if _public.hostname in {"127.0.0.1", "localhost", "::1"} else []),
]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
ROOT_URLCONF = "otklik.config.urls"
# Jira's URLs have no trailing slash; config.jira_links removes one.
APPEND_SLASH = False
WSGI_APPLICATION = "otklik.config.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "otklik.core",
    "otklik.journal",
    "otklik.people",
    "otklik.mail",
    "otklik.desks",
    "otklik.tickets",
    "otklik.ui",
    "otklik.intake",
    "otklik.notify",
    "otklik.privacy",
    "otklik.portal",
    "otklik.workspace",
    "otklik.demo",
    "otklik.ops",
    "otklik.config",
    # After our own apps, whose translations take precedence.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "otklik.core.security_headers.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "otklik.mail.private_links.links_hidden",
    "otklik.core.request_cleaning.clean_addresses",
    "otklik.core.configuration_cache.configuration_kept",
    "otklik.ui.sessions.LastingSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "otklik.people.middleware.person_locale",
    "otklik.people.middleware.person_sight",
    "otklik.config.body_limits.limit_request_body",
    "otklik.core.request_cleaning.clean_forms",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "otklik.ui.sessions.sessions_end",
    "otklik.ui.sessions.login_made_safe",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "otklik.core.deadlock_retry.DeadlockRetry",
]

FORM_RENDERER = "otklik.ui.plain_widgets.Renderer"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The portal's account pages replace allauth's, so its templates come first.
        "DIRS": [Path(__file__).resolve().parent.parent / "ui" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "otklik.ui.prepared_templates.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials", "django.templatetags.i18n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "otklik.config.context_processors.frame",
            ],
        },
    }
]

DATABASES = {"default": database_settings(HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

FILES = HOME / "files"
# Tombstones of erased people, for restoring older backups (docs/backup.md).
ERASED_LIST = env_values.file_to_write("OTKLIK_ERASED_LIST", HOME / "erased.jsonl")

CACHES = {
    # Rate limits are counted in the database, shared by all web processes. With Django's default of 300 entries, an
    # attacker could displace other counts.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "otklik_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            # Django requires a default storage; attachments are in core.blobs.
            "location": FILES,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "otklik.config.bundles.Bundles",
]
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_MAX_AGE = 3600

# Accounts -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["otklik.people.login_backend.LoginBackend"]
PASSWORD_HASHERS = [
    "otklik.people.hashers.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Minimum length of a password alone, and beside a second factor (docs/accounts.md). Less is enough if known breaches
# are checked (ADR 75).
BREACHED_PASSWORDS = env_values.file_to_read("OTKLIK_BREACHED_PASSWORDS")
PASSWORD_LENGTH = env.integer("OTKLIK_PASSWORD_LENGTH", 12 if BREACHED_PASSWORDS else 15, least=8, most=128)
PASSWORD_LENGTH_WITH_FACTOR = min(10, PASSWORD_LENGTH)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "otklik.people.passwords.MinimumLength"},
    {"NAME": "otklik.people.passwords.NotOneself", "OPTIONS": {"user_attributes": ("name", "email")}},
    {"NAME": "otklik.people.passwords.NotExpected"},
    {"NAME": "otklik.people.passwords.MaximumLength"},
]
LOGIN_URL = "/servicedesk/customer/user/login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "otklik.notify.account_adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "",  # counted by people.login_throttle, with growing waits
    "reset_password": "20/h/ip,1/m/key",
    "upload": "300/h/user",
    "anonymous": "20/h/ip",
    "request_login_code": "20/h/ip,1/m/key,10/d/key",
    "signup": "5/h/ip,1/m/key",
    "manage_email": "10/h/user",
    "share": "20/h/user",
    "sample": "20/h/user",
}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "otklik.people.reset_links.ResetKeys"  # noqa: S105  # names a class
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 8}
MFA_ADAPTER = "otklik.notify.mfa_adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # clocks of phones may be off by some seconds
# Who must have a second factor: "agents" (staff of desks and administrators) or "none".
REQUIRE_2FA = env_values.choice("OTKLIK_REQUIRE_2FA", "none", ("agents", "none"))
# Single sign-on by OpenID Connect (docs/accounts.md). Accounts are identified by issuer and subject, never by address.
OIDC_ISSUER = env_values.issuer("OTKLIK_OIDC_ISSUER")
OIDC_NAME = env.text("OTKLIK_OIDC_NAME") or _("the organisation's account")
OIDC_DOMAINS = env_values.domains("OTKLIK_OIDC_DOMAINS")
PASSWORD_LOGIN = not env.flag("OTKLIK_NO_PASSWORD_LOGIN")
SOCIALACCOUNT_ADAPTER = "otklik.portal.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": []}}
if OIDC_ISSUER:
    if not env.text("OTKLIK_OIDC_CLIENT_ID"):
        raise env.BadSetting("OTKLIK_OIDC_ISSUER is set, so OTKLIK_OIDC_CLIENT_ID is needed, too")
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].append(
        {
            "provider_id": "sso",
            "name": "sso",
            "client_id": env.text("OTKLIK_OIDC_CLIENT_ID"),
            "secret": env.text("OTKLIK_OIDC_CLIENT_SECRET"),
            "settings": {"server_url": OIDC_ISSUER},
        }
    )
elif not PASSWORD_LOGIN:
    raise env.BadSetting("OTKLIK_NO_PASSWORD_LOGIN needs single sign-on: set OTKLIK_OIDC_ISSUER")
# Session lifetimes: idle and total (docs/security.md). Staff: minutes and hours; others: days.
STAFF_IDLE_MINUTES = env.integer("OTKLIK_STAFF_IDLE_MINUTES", 60, least=5, most=36_500)
STAFF_SESSION_HOURS = env.integer("OTKLIK_STAFF_SESSION_HOURS", 12, least=1, most=36_500)
IDLE_DAYS = env.integer("OTKLIK_IDLE_DAYS", 14, least=1, most=36_500)
SESSION_DAYS = env.integer("OTKLIK_SESSION_DAYS", 30, least=1, most=36_500)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
PASSWORD_RESET_TIMEOUT = 3600

SESSION_ENGINE = "otklik.people.session_store"
SESSION_COOKIE_NAME = "__Host-otklik_session" if _HTTPS else "otklik_session"
SESSION_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = SESSION_DAYS * 24 * 3600
DEVICE_COOKIE_NAME = "__Host-otklik_device" if _HTTPS else "otklik_device"
CSRF_COOKIE_NAME = "__Host-otklik_csrf" if _HTTPS else "otklik_csrf"
CSRF_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "otklik.config.error_views.csrf_failure"

# Headers ------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = env.integer("OTKLIK_HSTS_SECONDS", 3600 if _HTTPS else 0)
SECURE_SSL_REDIRECT = not env.flag("OTKLIK_NO_SSL_REDIRECT") and _HTTPS
# The bearer token for /metrics; without it there is no such page.
METRICS_TOKEN = env.text("OTKLIK_METRICS_TOKEN")
if 0 < len(METRICS_TOKEN) < 16:
    raise env.BadSetting("OTKLIK_METRICS_TOKEN must have at least 16 characters")
SECURE_REDIRECT_EXEMPT = [r"^(healthz|metrics)$"]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Forms and files ----------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
ATTACHMENT_SIZE_LIMIT = env.integer("OTKLIK_ATTACHMENT_SIZE_LIMIT", 25 * 1024 * 1024)

# Language -----------------------------------------------------------------------------------------
LANGUAGES = [("ru", "Русский"), ("en", "English")]
LANGUAGE_CODE = env_values.choice("OTKLIK_LANGUAGE", "ru", ("ru", "en"))
TIME_ZONE = env_values.time_zone("OTKLIK_TIME_ZONE", "Europe/Moscow")
USE_I18N = True
USE_TZ = True
LANGUAGE_COOKIE_NAME = "otklik_language"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "otklik.config.logs.Discreet", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "filters": {"strangers": {"()": "otklik.config.logs.OfStrangers"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["strangers"]}},
    "root": {
        "handlers": ["stderr"],
        "level": env_values.choice("OTKLIK_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
    "loggers": {"django.security.DisallowedHost": {"level": "ERROR"}},
}
# HSTS for subdomains and preloading bind the whole domain for years; its owner decides that at the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if not _HTTPS:
    # Plain http is for one machine or a closed network; `otklik doctor` reports it.
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W010", "security.W016"]
