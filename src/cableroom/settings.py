"""Django's settings. The data folder (`CABLEROOM_HOME`) says everything that is not fixed here."""

from __future__ import annotations

import os
import sqlite3
import sys
import tomllib
from pathlib import Path

if sqlite3.sqlite_version_info < (3, 51, 3):  # earlier ones can corrupt a WAL file that two processes use
    try:
        import pysqlite3
        import pysqlite3.dbapi2
    except ImportError:  # `doctor` says it loudly
        pass
    else:
        sys.modules["sqlite3"] = pysqlite3
        sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

HOME = Path(os.environ.get("CABLEROOM_HOME") or Path.home() / "cableroom").absolute()
CONFIG: dict = {}
if (HOME / "config.toml").is_file():
    CONFIG = tomllib.loads((HOME / "config.toml").read_text("utf-8"))


def _secret_key() -> str:
    path = HOME / "keys" / "web.secret"
    return path.read_text("ascii").strip() if path.is_file() else "not-set-up-" + os.urandom(16).hex()


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = [*CONFIG.get("web", {}).get("hosts", []), "localhost", "127.0.0.1", "[::1]", "testserver"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "cableroom.register",
    "cableroom.directory",
    "cableroom.office",
    "cableroom.wire",
    "cableroom.archive",
    "cableroom.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "cableroom.web.headers.SafeHeaders",
    "cableroom.web.headers.Compress",
    "cableroom.web.headers.Assets",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "cableroom.urls"
ASGI_APPLICATION = "cableroom.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database() -> dict:
    url = os.environ.get("CABLEROOM_DATABASE") or CONFIG.get("database", {}).get("url", "")
    if url:
        # a libpq connection string or URL; psycopg reads it whole
        from psycopg.conninfo import conninfo_to_dict

        info = conninfo_to_dict(url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": info.pop("dbname", "cableroom"),
            "USER": info.pop("user", ""),
            "PASSWORD": info.pop("password", ""),
            "HOST": info.pop("host", ""),
            "PORT": info.pop("port", ""),
            "OPTIONS": {k: str(v) for k, v in info.items()},
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(HOME / "cableroom.sqlite3"),
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
        "TEST": {"NAME": str(HOME / "test.sqlite3")},
    }


DATABASES = {"default": {**_database(), "ATOMIC_REQUESTS": False, "CONN_MAX_AGE": None}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "directory.Person"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

CSRF_FAILURE_VIEW = "cableroom.web.errors.old_form"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(CONFIG.get("web", {}).get("https", False))
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # with no-referrer browsers send "Origin: null" with our own forms
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 12 * 3600

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"cableroom": {"level": os.environ.get("CABLEROOM_LOG", "WARNING")}},
}
