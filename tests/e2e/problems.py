"""What a browser complains about behind a person's back: scripts that fail, the content policy, missing files."""

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Response, WebError

GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort")
"""What htmx says about its own requests that newer ones replaced."""

LEFT_OUT = ("Transition was aborted", "Transition was skipped")
"""What Chromium says of a transition from page to page that it leaves out, as on a busy machine: the page is shown."""

NEVER_MISSING = {"script", "stylesheet", "image", "font"}
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content policy: ${event.violatedDirective} stopped ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Problems:
    found: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self.note_message)
        context.on("weberror", self.note_error)
        context.on("response", self.note_response)

    def note_message(self, message: ConsoleMessage) -> None:
        """What could not be loaded is noted by `note_response`, which knows more about it."""
        expected = "Failed to load resource" in message.text or message.text.startswith(GIVEN_UP)
        if message.type in ("error", "warning") and not expected:
            self.found.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def note_error(self, error: WebError) -> None:
        if not str(error.error).startswith(LEFT_OUT):
            self.found.append(f"uncaught: {error.error}")

    def note_response(self, response: Response) -> None:
        kind = response.request.resource_type
        if response.status >= 500 or (response.status >= 400 and kind in NEVER_MISSING):
            self.found.append(f"{response.status} for the {kind} {response.url}")
