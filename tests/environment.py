"""Loaded before the settings: keys of its own and a data folder thrown away after."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="kaowu-test-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
os.environ["DATA"] = str(FOLDER)
os.environ["KAOWU_KEYS"] = str(FOLDER / "keys")
os.environ["SECRET_KEY"] = "tests-only"
os.environ["STATIC_MANIFEST"] = "0"
os.environ["FACE_BACKEND"] = "manual"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from exams.kernel import keys  # noqa: E402 - the key folder must be named first

keys.create_missing(FOLDER / "keys")
(FOLDER / "static").mkdir()
