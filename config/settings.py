"""One settings file: everything that differs between machines is a variable.

With none of them set, Weigong runs on SQLite, local files and one process
(docs/decisions/0006-sweeps.md); see the README for the table of variables.
"""

from pathlib import Path
from urllib.parse import urlparse

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
VAR_DIR = Path(env.str("WEIGONG_VAR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", True)
DEVELOPMENT_SECRET = "development-only-secret-never-use-it-in-production"
SECRET_KEY = env.str("SECRET_KEY", DEVELOPMENT_SECRET)
AUDIT_KEY = env.str("AUDIT_KEY", DEVELOPMENT_SECRET)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "testserver"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
if not DEBUG and DEVELOPMENT_SECRET in (SECRET_KEY, AUDIT_KEY):
    raise ImproperlyConfigured("SECRET_KEY and AUDIT_KEY must be set without DEBUG.")

# -- the house (docs/decisions/0001-the-ladder.md), highest first ------------
INSTALLED_APPS = [
    "desk",
    "workflows",
    "grants",
    "organisations",
    "attachments",
    "outbox",
    "audit",
    "viewflow",
    "viewflow.workflow",
    "guardian",
    "simple_history",
    "ninja",
    "axes",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "audit.middleware.RequestIdMiddleware",
    "organisations.middleware.AccountEventMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "organisations.middleware.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "desk.oversight.noting.ReadingsMiddleware",
    "desk.middleware.OurAnswersMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "desk.context.navigation",
            ],
        },
    },
]

# -- where things are kept (DESIGN.md §9: absent = embedded) -----------------
DATABASE_URL = env.str("DATABASE_URL", "")
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(VAR_DIR / "weigong.sqlite3"),
            # a new connection reads the whole schema: 13 ms with our triggers
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                    "PRAGMA cache_size=-64000;"
                ),
            },
            "TEST": {"NAME": env.str("TEST_SQLITE", str(VAR_DIR / "test.sqlite3"))},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
        }
    }
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
SWEEP_SECONDS = env.int("SWEEP_SECONDS", 15)
SWEEP_THREAD = env.bool("SWEEP_THREAD", False)

MEDIA_ROOT = VAR_DIR / "documents"
MINIO_ENDPOINT = env.str("MINIO_ENDPOINT", "")
MINIO_ACCESS_KEY = env.str("MINIO_ACCESS_KEY", "")
MINIO_SECRET_KEY = env.str("MINIO_SECRET_KEY", "")
MINIO_REGION = env.str("MINIO_REGION", "us-east-1")
MINIO_BUCKETS = env.str("MINIO_BUCKETS", "weigong")
if MINIO_ENDPOINT and not (MINIO_ACCESS_KEY and MINIO_SECRET_KEY):
    raise ImproperlyConfigured(
        "MINIO_ENDPOINT needs MINIO_ACCESS_KEY and MINIO_SECRET_KEY."
    )
#: Where browsers reach the same server; empty where they cannot.
MINIO_PUBLIC_ENDPOINT = env.str("MINIO_PUBLIC_ENDPOINT", MINIO_ENDPOINT)
for _endpoint in filter(None, (MINIO_ENDPOINT, MINIO_PUBLIC_ENDPOINT)):
    if "://" not in _endpoint:
        raise ImproperlyConfigured("MINIO_ENDPOINT begins with http:// or https://.")
CLAMD_URL = env.str("CLAMD_URL", "")
if CLAMD_URL and not CLAMD_URL.startswith(("tcp://", "unix:///")):
    raise ImproperlyConfigured("CLAMD_URL is tcp://host:port or unix:///path.")
#: The largest file that the scanner looks at; larger ones are not taken. 0: not known.
CLAMD_MAX_BYTES = env.int("CLAMD_MAX_BYTES", 0)
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 25 * 1024 * 1024)
#: The same for a file that the page sends by itself (docs/uploads.md).
UPLOAD_DIRECT_MAX_BYTES = env.int("UPLOAD_DIRECT_MAX_BYTES", 2 * 1024**3)
#: How long after a deadline a file may arrive whose upload began before it.
UPLOAD_GRACE_MINUTES = env.int("UPLOAD_GRACE_MINUTES", 30)
#: How long the address of a file is good, for the person it was made for.
FILE_LINK_MINUTES = env.int("FILE_LINK_MINUTES", 5)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

EMAIL_URL = env.str("EMAIL_URL", "")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "weigong@localhost")
if EMAIL_URL:
    _mail = urlparse(EMAIL_URL)
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.username or "", _mail.password or ""
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# -- people -------------------------------------------------------------------
AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ANONYMOUS_USER_NAME = None  # guardian: no row for anonymous visitors
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/home/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_ADAPTER = "organisations.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
#: django-axes is the one lock-out for passwords; codes of the second factor have
#: theirs here: five wrong ones in five minutes.
ACCOUNT_RATE_LIMITS = dict.fromkeys(
    ("change_password", "manage_email", "reauthenticate", "signup", "login")
) | {"login_failed": "5/300s/key"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds
#: Whether staff need a second factor (organisations.second_factor).
MFA_REQUIRED = env.bool("MFA_REQUIRED", not DEBUG)
if not (MFA_REQUIRED or DEBUG):
    raise ImproperlyConfigured("MFA_REQUIRED=0 is for development: it needs DEBUG.")
MFA_ADAPTER = "organisations.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "organisations.forms.SetUpForm",
    "authenticate": "organisations.forms.SecondFactorForm",
    "reauthenticate": "organisations.forms.SecondFactorAgainForm",
}
MFA_TOTP_ISSUER = "Weigong"
MFA_TOTP_TOLERANCE = 1  # one code earlier or later: phones' clocks differ
AXES_FAILURE_LIMIT = env.int("AXES_FAILURE_LIMIT", 8)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# -- the record (docs/decisions/0004-triggers-and-projected-history.md) --------
SIMPLE_HISTORY_ENABLED = False  # audit projects the rows from its events
AUDIT_EXEMPT = {
    "django_content_type": "Django's register of models, made by migrate",
    "auth_permission": "Django's register of permissions, made by migrate",
    "django_migrations": "Django's own book-keeping",
    "django_session": "sessions hold no facts about cases",
    "axes_accessattempt": "counts of failed sign-ins, expire by themselves",
    "axes_accesslog": "sign-in log of django-axes, itself a log",
    "axes_accessfailurelog": "sign-in log of django-axes, itself a log",
    "axes_accessattemptexpiration": "counts of failed sign-ins, expire",
    "attachments_rendition": "made of versions, and made anew at any time",
    "attachments_pagepicture": "made of versions, and made anew at any time",
    "attachments_scan": "the scanner's queue; the verdict is in the version",
    "attachments_upload": "files on their way; what is taken is in its version's event",
    "outbox_message": "delivery state; what was done is in the acts",
    "grants_draft": "unsubmitted typing, autosaved every few seconds",
    "grants_drafteditor": "who has a form open right now; nobody's act",
    "desk_idempotentreply": "replies kept for a repeated request; acts are events",
    "desk_listchoice": "which columns a person likes to see",
    "desk_rehearsal": "what a rehearsal found; asking is an event",
    "desk_export": "files made for a person and thrown away; asking is an event",
    "workflows_task_previous": "join book-keeping of the engine",
}

#: Checkpoints (docs/record.md): only who makes them can read the key file.
CHECKPOINT_KEY_FILE = env.str("CHECKPOINT_KEY_FILE", "")
CHECKPOINT_PUBLIC_KEYS: list[str] = env.list("CHECKPOINT_PUBLIC_KEYS", [])
CHECKPOINT_FOLDER = Path(env.str("CHECKPOINT_FOLDER", str(VAR_DIR / "checkpoints")))
#: In the locked bucket where there is one, else in CHECKPOINT_FOLDER.
CHECKPOINT_ARCHIVE = (
    "attachments.checkpoints.LockedArchive"
    if MINIO_ENDPOINT
    else "audit.archive.FolderArchive"
)
#: What reads the stored files for verify_audit --documents.
AUDIT_DOCUMENTS = "attachments.verifying.verify_documents"
CHECKPOINT_SECONDS = env.int("CHECKPOINT_SECONDS", 3600)
#: A command that takes the sheet of each checkpoint on its standard input ("lp").
CHECKPOINT_PRINT = env.str("CHECKPOINT_PRINT", "")
#: A time stamping authority (RFC 3161), and the file with the certificates (PEM) of
#: those who are trusted to stamp.
TIMESTAMP_URL = env.str("TIMESTAMP_URL", "")
TIMESTAMP_CERTIFICATES = env.str("TIMESTAMP_CERTIFICATES", "")
TIMESTAMP_TIMEOUT = 10  # seconds

SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000")
#: The hour of the day (TIME_ZONE) at which daily digests are mailed.
DIGEST_HOUR = env.int("DIGEST_HOUR", 8) % 24

# -- language and time ----------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# -- pages -------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("tabler", NODE_MODULES / "@tabler" / "core" / "dist"),
]
#: Folders with the fonts that papers are set in: Regular and Bold, nothing else.
PAPER_FONTS = env.list(
    "PAPER_FONTS",
    [
        str(NODE_MODULES / "@expo-google-fonts" / "noto-sans-sc" / weight)
        for weight in ("400Regular", "700Bold")
    ],
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        # files go straight to the store, where there is one
        "connect-src": [SELF, *([MINIO_PUBLIC_ENDPOINT] if MINIO_ENDPOINT else [])],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
CSRF_FAILURE_VIEW = "desk.views.answers.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", not DEBUG)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", not DEBUG)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 0 if DEBUG else 31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_CONTENT_TYPE_NOSNIFF = True
#: How many proxies of ours stand in front, each adding to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
