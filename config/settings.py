"""All settings, from the environment only.

`KAOWU_MODE` is `production` or `development` (the default). `DATABASE_URL` and
`REDIS_URL` select PostgreSQL and Redis; without them the embedded drivers serve:
SQLite, the in-memory channel layer and local files, one web and one worker process.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
KAOWU_MODE = env.text("KAOWU_MODE", "development")
PRODUCTION = KAOWU_MODE == "production"
DEBUG = False
DATA = env.folder("DATA", BASE_DIR / "var" / "data")
KAOWU_KEYS = env.folder("KAOWU_KEYS", DATA / "keys")
SECRET_KEY_FILE = KAOWU_KEYS / "secret"
SECRET_KEY = env.text("SECRET_KEY") or (
    SECRET_KEY_FILE.read_text("ascii").strip() if SECRET_KEY_FILE.exists() else ""
)
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS", "")

INSTALLED_APPS = [
    "config.apps.PortalConfig",
    "helpdesk.apps.HelpdeskConfig",
    "proctoring.apps.ProctoringConfig",
    "candidates.apps.CandidatesConfig",
    "exams.apps.ExamsConfig",
    "config.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "channels",
    "django_q",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    # Below the guards: a static file carries their headers too.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.errors.RefusalPages",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "exams.Staff"
LOGIN_URL = "staff:sign-in"
LOGIN_REDIRECT_URL = "staff:home"
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
                "config.links.links",
            ]
        },
    }
]

DATABASE_URL = env.text("DATABASE_URL")
EMBEDDED = not DATABASE_URL.startswith(("postgres", "psql"))
if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATABASE_URL.removeprefix("sqlite:///") or DATA / "kaowu.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
            # A file, so that several threads and processes of a test share it.
            "TEST": {"NAME": env.text("TEST_SQLITE") or DATA / "test.sqlite3"},
        }
    }
else:
    DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A web process keeps its connections: a request takes one for its time and waits
    # for it when all are taken. Workers fork, and open their own.
    if env.text("KAOWU_PROCESS") == "web":
        DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
            "min_size": 1,
            "max_size": env.whole("DATABASE_POOL", default=20, low=4, high=1000),
            "timeout": 10,
        }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# Not the truth of anything: the worker's heartbeat, seen from the web process.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache"
        if REDIS_URL
        else "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": REDIS_URL or DATA / "cache",
    }
}

# retry > timeout, or a slow job would be started twice (checked at boot).
Q_CLUSTER = {
    "name": "kaowu",
    "orm": "default",
    "workers": env.whole("WORKERS", default=1, low=1, high=64),
    "timeout": 600,
    "retry": 900,
    "max_attempts": 5,
    "poll": 0.3,
    "catch_up": False,
    "guard_cycle": 1,
    "save_limit": 1000,
    "label": "Jobs",
}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Which roles need a second step (an authenticator app) to sign in: names of roles,
# or `all`, which is the default in production.
ROLES = [
    *("administrator", "proctor", "examiner", "chief_examiner"),
    *("official", "helpdesk", "auditor"),
]
TOTP_ROLES = env.names("TOTP_ROLES", "all" if PRODUCTION else "")
TOTP_ROLES = ROLES if TOTP_ROLES == ["all"] else TOTP_ROLES

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "UTC"
# The zone in which staff read and type times; candidates read their session's.
STAFF_TIME_ZONE = env.text("STAFF_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA / "media"
RECORDINGS_ROOT = DATA / "recordings"
TICKETS_ROOT = DATA / "tickets"
# Fonts for printed tickets, the first with what the next ones only complete. Debian's
# `fonts-noto-cjk` has the first; without it no ticket is made.
PDF_FONTS = env.names(
    "PDF_FONTS", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
)
STORAGES = {
    "default": {"BACKEND": "config.storage.DurableFileStorage"},
    "staticfiles": {
        "BACKEND": "config.storage.ModuleManifestStorage"
        if env.flag("STATIC_MANIFEST", default=PRODUCTION)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["candidates.access.LeaseAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["candidates.access.HoldsLease"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "EXCEPTION_HANDLER": "config.errors.problem_details",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # Requests of one API token.
    "DEFAULT_THROTTLE_RATES": {"api-token": env.text("API_RATE", "120/min")},
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Kaowu",
    "VERSION": "1",
    "DISABLE_ERRORS_AND_WARNINGS": True,
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "media-src": [SELF, "blob:"],
        "worker-src": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY = {
    "camera": "self",
    "microphone": "self",
    "display-capture": "self",
    "screen-wake-lock": "self",
    "fullscreen": "self",
    "geolocation": [],
    "payment": [],
    "usb": [],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", default=0, high=5)
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# The largest body of one chunk, of one roster file and of one check-in photo, bytes.
CHUNK_MAX_BYTES = 4 * 2**20
ROSTER_MAX_BYTES = 32 * 2**20
PHOTO_MAX_BYTES = 3 * 2**20

# Comparing faces at check-in: `auto` is dlib when it is installed, else staff decide.
FACE_BACKEND = env.text("FACE_BACKEND", "auto")
# Distances: up to the first passes, up to the second staff look, beyond it fails.
FACE_PASS = env.ratio("FACE_PASS", default=0.45, low=0, high=2)
FACE_REVIEW = env.ratio("FACE_REVIEW", default=0.60, low=0, high=2)
FACE_TRIES = env.whole("FACE_TRIES", default=3, low=1, high=20)
# To turn the head in, and beyond that for a slow network, seconds.
FACE_CHALLENGE_SECONDS = env.whole(
    "FACE_CHALLENGE_SECONDS", default=20, low=5, high=300
)
FACE_UPLOAD_SECONDS = env.whole("FACE_UPLOAD_SECONDS", default=25, high=300)
# The nose moves by this part of the distance between the eyes when the head turns.
FACE_TURN = env.ratio("FACE_TURN", default=0.08, low=0, high=1)
FACE_MIN_PIXELS = env.whole("FACE_MIN_PIXELS", default=80, low=20, high=1000)
FACE_MIN_LIGHT = env.whole("FACE_MIN_LIGHT", default=40, high=255)
FACE_MAX_LIGHT = env.whole("FACE_MAX_LIGHT", default=235, high=255)
FACE_MIN_SHARPNESS = env.whole("FACE_MIN_SHARPNESS", default=15)
FACE_FRAME_MAX_BYTES = 2**20

# Letters to candidates. Without EMAIL_URL none is sent, and the pages say so.
EMAIL_URL = env.text("EMAIL_URL")
_mail = env.mail("EMAIL_URL")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH") or None
EMAIL_TIMEOUT = env.whole("EMAIL_TIMEOUT", default=20, low=1, high=60)
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "kaowu@localhost")
# How many letters may leave in a minute, all sessions together.
MAIL_PER_MINUTE = env.whole("MAIL_PER_MINUTE", default=120, low=1, high=100_000)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING")},
}
