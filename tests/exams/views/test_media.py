"""The film of an exhibit: whole, in ranges, and for nobody else."""

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from tests.builders.exams import make_staff
from tests.builders.scoring import (
    MEDIA,
    make_examiner,
    part_of,
    url_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(client, sheet):
    client.get(url_of("sheet", sheet))
    return part_of(sheet)


def test_part_whole_has_headers_that_tell_nothing_of_the_file(client, sheet, opened):
    response = client.get(opened)

    assert b"".join(response) == MEDIA
    assert response.status_code == 200
    assert response["Content-Type"] == "video/webm"
    assert response["Content-Length"] == str(len(MEDIA))
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Security-Policy"] == (
        "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"] == (
        f'inline; filename="{sheet.exhibit.code}.webm"'
    )
    assert "Last-Modified" not in response


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, len(MEDIA) - 1),
        ("bytes=-10", len(MEDIA) - 10, len(MEDIA) - 1),
        ("bytes=10-99999999", 10, len(MEDIA) - 1),
    ],
)
def test_part_range_gives_exactly_these_bytes(client, opened, asked, first, last):
    response = client.get(opened, headers={"Range": asked})

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(MEDIA)}"
    assert b"".join(response) == MEDIA[first : last + 1]


@pytest.mark.parametrize(
    "asked", ["bytes=99999999-", "bytes=50-40", "bytes=-0", "bytes=10244-"]
)
def test_part_range_outside_is_416_with_the_size(client, opened, asked):
    response = client.get(opened, headers={"Range": asked})

    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(MEDIA)}"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "lines=0-1", "bytes=a-b", "bytes=-", ""]
)
def test_part_range_of_another_form_gives_the_whole(client, opened, asked):
    response = client.get(opened, headers={"Range": asked})

    assert (response.status_code, b"".join(response)) == (200, MEDIA)


def test_part_range_holds_only_for_its_own_tag(client, opened):
    tag = client.get(opened)["ETag"]

    statuses = [
        client.get(
            opened, headers={"Range": "bytes=0-9", "If-Range": value}
        ).status_code
        for value in (tag, '"other"')
    ]

    assert statuses == [206, 200]


def test_part_head_has_the_headers_and_no_bytes(client, opened):
    response = client.head(opened)

    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == str(len(MEDIA))


def test_part_without_an_opened_player_is_refused(client, sheet):
    assert client.get(part_of(sheet)).status_code == 403


def test_part_for_others_is_refused(client, session, sheet, opened):
    client.logout()
    statuses = [client.get(opened).status_code]
    for staff in (make_examiner(session), make_staff()):
        client.force_login(staff)
        statuses.append(client.get(opened).status_code)

    assert statuses == [302, 404, 403]


def test_part_of_a_number_that_is_not_there_is_not_found(client, sheet, opened):
    statuses = [client.get(part_of(sheet, number)).status_code for number in (0, 2)]

    assert statuses == [404, 404]


@pytest.mark.django_db(transaction=True)
def test_part_under_asgi_streams_the_same_bytes(examiner, sheet):
    async def ask():
        client = AsyncClient()
        await client.aforce_login(examiner)
        await client.get(url_of("sheet", sheet))
        response = await client.get(part_of(sheet), headers={"Range": "bytes=7-9000"})
        return [block async for block in response]

    assert b"".join(async_to_sync(ask)()) == MEDIA[7:9001]
