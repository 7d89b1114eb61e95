"""The real comparison is tested where its models and the portraits are.

Elsewhere those tests do not exist, which `tests/needs.py` says.
"""

from tests.needs import faces_missing

collect_ignore = ["test_dlib_faces.py"] if faces_missing() else []
