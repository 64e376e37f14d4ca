"""Django settings for tests: the product's own, in a temporary home that all test processes of a run share."""

import os
import shutil
import tempfile
from pathlib import Path

# Tests' files are temporary, so they are kept in memory if there is enough.
_MEMORY, _ROOM = Path("/dev/shm"), 4 * 1024**3  # noqa: S108 mkdtemp makes the folder ours alone
_roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
# Workers of pytest-xdist inherit the environment, so the first process decides the home for all.
if "OTKLIK_TEST_HOME" not in os.environ:
    os.environ["OTKLIK_TEST_HOME"] = tempfile.mkdtemp(prefix="otklik-test-", dir=_MEMORY if _roomy else None)
os.environ["OTKLIK_HOME"] = os.environ["OTKLIK_TEST_HOME"]
for _name in ("DATABASE_URL", "OTKLIK_PUBLIC_URL", "OTKLIK_OUTGOING", "OTKLIK_LANGUAGE", "OTKLIK_TIME_ZONE"):
    os.environ.pop(_name, None)
os.environ.setdefault("OTKLIK_DEMO", "1")

from otklik.config.settings import *  # noqa: E402, F403

# Argon2 is slow on purpose; tests about passwords set the real hashers.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Replies are sent at once, except in tests about taking them back.
HOLD_SECONDS = 0
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
