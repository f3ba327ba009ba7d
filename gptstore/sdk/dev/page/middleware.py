"""Keeps others out of the page: other machines, other pages of the browser, and other people on this machine.

A page anywhere may send requests to 127.0.0.1, and may have a name of its own lead there (DNS rebinding). So a request
has to name this server as its host, and to bring a secret: in the address that the command prints, then in a cookie.
What changes something brings it a second time, in the form, where no other page can put it.
"""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gptstore.sdk.dev.page.locale import Locale, cookie_of
from gptstore.sdk.translation import gettext_noop

NAMES = ("127.0.0.1", "localhost", "[::1]")
FIELD = "csrfmiddlewaretoken"
"""The name of the hidden field with the secret, as in the store's forms."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

OTHER_HOST = gettext_noop("This server is for its own machine: open the address that `gptstore dev` printed.")
NO_TOKEN = gettext_noop("Open the address that `gptstore dev` printed, with its token.")


class Guard:
    """Lets through what names this server and brings the secret. The token stays out of the address after that."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app, self._token = app, token
        self._hosts = {f"{name}:{port}" for name in NAMES} | ({*NAMES} if port == 80 else set())
        self._cookie = f"gptstore-dev-{port}"  # cookies of all ports of a machine are one jar

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (refusal := self._refuse(scope)) is not None:
            await refusal(scope, receive, with_headers(send))
            return
        await self._app(scope, receive, with_headers(send))

    def _refuse(self, scope: Scope) -> Response | None:
        """Return the answer to a request that goes no further, None for one that does."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self._hosts:
            return refuse(headers, OTHER_HOST, 421)
        if headers.get("origin", f"http://{host}") != f"http://{host}":
            return refuse(headers, OTHER_HOST, 403)
        if self._is(cookie_of(headers.get("cookie", ""), self._cookie)):
            return None
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["method"] == "GET" and self._is(asked.pop("token", [""])[0]):
            return self._let_in(scope["path"], urlencode(asked, doseq=True))
        return refuse(headers, NO_TOKEN, 403)

    def _let_in(self, path: str, query: str) -> Response:
        answer = RedirectResponse(f"/{path.lstrip('/')}{'?' if query else ''}{query}", 303)
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="lax")
        return answer

    def _is(self, given: str) -> bool:
        return secrets.compare_digest(given.encode("utf-8", "replace"), self._token.encode())


def refuse(headers: Headers, sentence: str, status: int) -> Response:
    """Return the answer to a request that goes no further, in the language of whoever reads it."""
    locale = Locale.of(headers)
    return locale.answer(f"{locale.words.gettext(sentence)}\n", status, media_type="text/plain")


def with_headers(send: Send) -> Send:
    """Return what sends an answer with the headers that tell a browser what the page may do."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower() for name, _value in message["headers"]}
            added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in own)]
        await send(message)

    return send_with_headers
