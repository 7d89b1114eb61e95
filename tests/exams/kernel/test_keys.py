import pytest
from django.db import connection

from exams.kernel import keys
from exams.models import Question
from tests.builders.exams import make_paper


def test_ciphertext_bound_to_its_context_opens_there_only():
    sealed = keys.encrypt(b"secret", family="field", context=b"a")

    assert keys.decrypt(sealed, family="field", context=b"a") == b"secret"
    with pytest.raises(keys.Unreadable):
        keys.decrypt(sealed, family="field", context=b"b")


def test_newest_key_writes_and_every_key_reads(tmp_path, settings):
    settings.KAOWU_KEYS = tmp_path
    keys.create_missing(tmp_path)
    old = keys.encrypt(b"old", family="field")
    (tmp_path / "field.0002").write_bytes(b"k" * 32)
    keys.forget()

    new = keys.encrypt(b"new", family="field")

    assert new.startswith(b"0002.")
    assert keys.decrypt(old, family="field") == b"old"


def test_key_files_are_readable_by_their_owner_only(tmp_path):
    keys.create_missing(tmp_path)

    modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}

    assert modes == {0o600}
    assert keys.missing(tmp_path) == []


def test_lookup_hash_differs_by_purpose():
    assert keys.lookup_hash("1", purpose="a") != keys.lookup_hash("1", purpose="b")
    assert keys.lookup_hash("1", purpose="a") == keys.lookup_hash("1", purpose="a")


@pytest.mark.django_db
def test_question_text_is_ciphertext_in_the_database():
    paper = make_paper()
    question = paper.questions.first()
    text = question.text

    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM exams_question WHERE id = %s", [question.pk])
        raw = bytes(cursor.fetchone()[0])

    assert text.encode() not in raw
    assert Question.objects.get(pk=question.pk).text == text
