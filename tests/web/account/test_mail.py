"""Pages that send mail are there where a mail server is set, and work with a real one."""

import re
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from allauth.account.models import EmailAddress
from django.test import Client

from gptstore.accounts.models import User
from gptstore.mail import read_mail_server
from gptstore.web.account.allauth_urls import urlpatterns
from harness.rows import PASSWORD
from harness.site import HOST, free_port

ADDRESS = "ada@example.org"
SECRET = "p@ss/word:1"
LINK = re.compile(r"http://testserver(\S+)")
LANGUAGES = {"en": ("Forgot your password?", "password reset"), "zh-hans": ("忘记密码", "密码")}


class MailServer:
    """A real SMTP server that keeps what it gets."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert session.auth_data == "ok"
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 Message accepted for delivery"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        is_right = (data.login, data.password) == (b"store", SECRET.encode())
        return AuthResult(success=is_right, handled=False, auth_data="ok" if is_right else None)

    def last(self) -> str:
        return self.mails[-1].get_content()

    def link(self) -> str:
        found = LINK.search(self.last())
        assert found, self.last()
        return found[1]


def use(settings: object, url: str) -> None:
    server = read_mail_server(url)
    assert server is not None
    values = {
        "HAS_MAIL": True,
        "EMAIL_BACKEND": "gptstore.mail.EmailBackend",
        "EMAIL_HOST": server.host,
        "EMAIL_PORT": server.port,
        "EMAIL_HOST_USER": server.user,
        "EMAIL_HOST_PASSWORD": server.password,
        "EMAIL_TIMEOUT": 60.0,
        "DEFAULT_FROM_EMAIL": "store@example.org",
    }
    for name, value in values.items():
        setattr(settings, name, value)


@pytest.fixture
def mail_server(settings: object) -> Iterator[MailServer]:
    server = MailServer()
    port = free_port()
    controller = Controller(server, hostname=HOST, port=port, authenticator=server.authenticate, auth_require_tls=False)
    controller.start()
    use(settings, f"smtp://store:p%40ss%2Fword%3A1@{HOST}:{port}")
    yield server
    controller.stop()


@pytest.fixture
def dead_server(settings: object) -> None:
    use(settings, f"smtp://store:p%40ss%2Fword%3A1@{HOST}:{free_port()}")


@pytest.fixture
def silent_server(settings: object) -> Iterator[None]:
    """A server that takes connections and says nothing."""
    with socket.create_server((HOST, 0)) as server:
        use(settings, f"smtp://{HOST}:{server.getsockname()[1]}")
        settings.EMAIL_TIMEOUT = 0.2  # type: ignore[attr-defined]
        yield


@pytest.fixture
def address(ada: User) -> str:
    EmailAddress.objects.create(user=ada, email=ADDRESS, verified=True, primary=True)
    return ADDRESS


def paths() -> list[str]:
    return ["/accounts/" + str(pattern.pattern) for pattern in urlpatterns if not str(pattern.pattern).startswith("^")]


MAIL_PATHS = [
    "/accounts/email/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/abc:def/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-set-password/",
    "/accounts/password/reset/key/done/",
]


@pytest.mark.parametrize("path", MAIL_PATHS)
def test_without_a_mail_server_there_are_no_pages_that_need_one(browser: Client, client: Client, path: str) -> None:
    form = {"email": ADDRESS, "action_add": ""}

    for visitor in (browser, client):
        assert visitor.get(path).status_code == 404
        assert visitor.post(path, form).status_code == 404


def test_without_a_mail_server_nothing_leads_to_them(browser: Client, client: Client) -> None:
    pages = [
        client.get("/accounts/login/"),
        client.get("/accounts/signup/"),
        browser.get("/account/"),
        browser.get("/accounts/password/change/"),
        browser.get("/accounts/", follow=True),
    ]

    assert [page.status_code for page in pages] == [200] * 5
    assert [path for path in MAIL_PATHS for page in pages if f'"{path}' in page.text] == []


@pytest.mark.parametrize("path", sorted({*paths(), *MAIL_PATHS}))
@pytest.mark.parametrize("signed_in", [True, False])
def test_no_page_of_an_account_fails_whether_there_is_mail_or_not(
    browser: Client, client: Client, settings: object, path: str, signed_in: bool
) -> None:
    visitor = browser if signed_in else client

    for settings.HAS_MAIL in (False, True):  # type: ignore[attr-defined]
        for answer in (visitor.get(path), visitor.post(path), visitor.post(path, {"email": "x@y.example"})):
            assert answer.status_code < 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_forgotten_password_is_reset_by_mail(
    client: Client, ada: User, address: str, mail_server: MailServer, language: str
) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    forgot, subject = LANGUAGES[language]
    entrance = client.get("/accounts/login/").text
    assert forgot in entrance
    assert 'href="/accounts/password/reset/"' in entrance

    sent = client.post("/accounts/password/reset/", {"email": address}, follow=True)
    assert sent.status_code == 200
    mail = mail_server.mails[-1]
    assert (mail["From"], mail["To"]) == ("store@example.org", address)
    assert subject in mail["Subject"].lower()

    chosen = client.get(mail_server.link(), follow=True)
    assert chosen.status_code == 200
    form = {"password1": "a new long horse", "password2": "a new long horse"}
    done = client.post(chosen.redirect_chain[-1][0], form, follow=True)
    assert done.status_code == 200
    ada.refresh_from_db()
    assert ada.check_password("a new long horse")

    again = Client().get(mail_server.link(), follow=True)
    assert "password1" not in again.text  # it works once


def test_who_has_no_account_gets_the_same_answer(client: Client, address: str, mail_server: MailServer) -> None:
    known = client.post("/accounts/password/reset/", {"email": address}, follow=True).text
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"}, follow=True).text

    def without_tokens(page: str) -> str:
        return re.sub(r'value="\w{64}"', "", page)

    assert without_tokens(known) == without_tokens(unknown)
    assert not LINK.search(mail_server.last()) or "reset/key" not in mail_server.last()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_adds_their_address_and_confirms_it(
    browser: Client, ada: User, mail_server: MailServer, language: str
) -> None:
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    assert 'href="/accounts/email/"' in browser.get("/account/").text

    added = browser.post("/accounts/email/", {"email": ADDRESS, "action_add": ""}, follow=True)
    assert added.status_code == 200
    assert ADDRESS in added.text

    browser.post(mail_server.link(), follow=True)
    assert EmailAddress.objects.get(user=ada).verified


@pytest.mark.parametrize("server", ["dead_server", "silent_server"])
@pytest.mark.parametrize(("language", "reason"), [("en", "No mail was sent"), ("zh-hans", "邮件没有发出")])
def test_a_mail_server_that_does_not_answer_has_a_page(
    client: Client,
    browser: Client,
    address: str,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
    server: str,
    language: str,
    reason: str,
) -> None:
    request.getfixturevalue(server)
    headers = {"accept-language": language}

    for answer in (
        client.post("/accounts/password/reset/", {"email": address}, headers=headers),
        client.post("/accounts/password/reset/", {"email": "nobody@example.org"}, headers=headers),
        browser.post("/accounts/email/", {"email": "new@example.org", "action_add": ""}, headers=headers),
    ):
        assert answer.status_code == 503
        assert answer["Retry-After"]
        assert reason in answer.text
    assert SECRET not in caplog.text
    assert "p%40ss" not in caplog.text


def test_a_wrong_password_for_the_server_is_not_logged(
    client: Client, address: str, mail_server: MailServer, settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_HOST_PASSWORD = "wrong " + SECRET  # type: ignore[attr-defined]

    answer = client.post("/accounts/password/reset/", {"email": address})

    assert answer.status_code == 503
    assert "mail_server_away" in caplog.text
    assert "535" in caplog.text  # the server's own reason
    assert SECRET not in caplog.text


def test_a_page_that_sends_no_mail_works_while_the_server_is_dead(client: Client, ada: User, dead_server: None) -> None:
    form = {"username": "grace", "password1": "a long horse", "password2": "a long horse"}

    assert client.post("/accounts/signup/", form).status_code == 302
    assert client.post("/accounts/login/", {"login": "ada", "password": PASSWORD}).status_code == 302
