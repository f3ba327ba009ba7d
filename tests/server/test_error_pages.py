"""Pages of errors, as the web process answers them: they keep nothing that others need."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection
from django.test import Client
from httpx import ASGITransport, AsyncClient

from gptstore.accounts.models import User
from gptstore.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def held() -> object:
    return connection.connection


@pytest.mark.parametrize(
    "address", ["/no-such-page/", "/tools/no-such-tool/", "/runs/01a22eb2-5e27-7f58-be40-bf7b13b88fc0/"]
)
async def test_a_page_of_an_error_keeps_no_connection(owner: User, address: str) -> None:
    cookies = {settings.SESSION_COOKIE_NAME: await sync_to_async(sign_in)(owner)}
    async with AsyncClient(transport=ASGITransport(application), base_url="http://testserver", cookies=cookies) as http:
        page = await http.get(address)
    assert page.status_code == 404
    assert "Sign out" in page.text
    assert await asyncio.to_thread(held) is None
