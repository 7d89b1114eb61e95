"""File storage that is durable before it answers, and static files by content."""

import os
from pathlib import Path

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage


class DurableFileStorage(FileSystemStorage):
    """Local files, private: fsync of the file and its folder before `save` returns.

    Django's own storage never calls fsync, so a power cut could take a photo that
    the candidate was told is here.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("file_permissions_mode", 0o600)
        super().__init__(*args, **kwargs)

    def _save(self, name, content):
        saved = super()._save(name, content)
        path = Path(self.path(saved))
        for target in (path, path.parent):
            descriptor = os.open(target, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return saved


class ModuleManifestStorage(ManifestStaticFilesStorage):
    """Hashed names, with the relative imports of ES modules rewritten."""

    support_js_module_import_aggregation = True
