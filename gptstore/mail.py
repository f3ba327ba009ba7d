"""The mail server: its URL, and the connection to it."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.mail.backends import smtp

PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """The mail server. `tls` encrypts from the start, `starttls` after the greeting."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool
    starttls: bool


def read_mail_server(url: str) -> MailServer | None:
    """Return the server of a URL, None for an empty one. Raises ValueError, whose message never quotes the URL."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("Its host or port is malformed; percent-encode special characters of the password") from None
    if parts.scheme not in PORTS:
        raise ValueError("It must begin with smtp:// or smtps://")
    if not parts.hostname or parts.path.strip("/") or parts.fragment:
        raise ValueError("It must name a host and no path; percent-encode special characters of the password")
    options = parse_qs(parts.query, keep_blank_values=True)
    tls = options.pop("tls", ["false"])[-1].lower()
    if options or tls not in ("true", "false") or (tls == "true" and parts.scheme == "smtps"):
        raise ValueError("Its only option is tls=true or tls=false, for smtp:// alone")
    return MailServer(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=tls == "true",
    )


class EmailBackend(smtp.EmailBackend):
    """Closes a connection that did not come about, such as after a wrong password. Django leaves it open."""

    def open(self) -> bool | None:
        try:
            return super().open()
        except Exception:
            self.close()
            raise
