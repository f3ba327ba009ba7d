"""Every page of the site, each in a state that is worth a look."""

from dataclasses import dataclass

from tests.e2e.person import Person
from tests.e2e.store import Store
from tests.e2e.texts import LIGHTHOUSE, long_text

GUEST = {
    "catalogue": "/",
    "search without result": "/?q=zzzz",
    "tool": "/tools/translator/",
    "tool, conversation": "/tools/chat/",
    "sign in": "/accounts/login/",
    "sign up": "/accounts/signup/",
    "nothing here": "/tools/no-such-tool/",
    "model": "/model/",
    "documentation": "/docs/",
    "documentation, found": "/docs/?q=cancel+run",
    "documentation, nothing found": "/docs/?q=zebra",
    "documentation, code": "/docs/writing-a-tool/",
    "documentation, wide table": "/docs/settings/",
    "documentation, a decision": "/docs/decisions/0006-our-own-engine/",
    "documentation, no such page": "/docs/no-such-page/",
}
MEMBER = {
    "catalogue, signed in": "/",
    "tool with runs": "/tools/translator/",
    "tool, filled": "/tools/qa/?example=1",
    "my runs": "/runs/",
    "my runs without result": "/runs/?q=zzzz",
    "run, Markdown": "/runs/{markdown}/",
    "run, text": "/runs/{text}/",
    "run, code": "/runs/{code}/",
    "run, failed": "/runs/{failed}/",
    "run, canceled": "/runs/{canceled}/",
    "account": "/account/",
    "my plugins": "/plugins/",
    "password": "/accounts/password/change/",
    "sign out": "/accounts/logout/",
}
ADMIN = {
    "admin": "/admin/",
    "admin, tools": "/admin/catalog/tool/",
    "admin, categories": "/admin/catalog/category/",
    "admin, jobs": "/admin/jobs/job/",
    "admin, a job": "/admin/jobs/job/{text}/change/",
    "admin, settings of tools": "/admin/catalog/toolsettings/",
    "admin, people": "/admin/accounts/user/",
    "admin, review queue": "/admin/releases/release/",
    "admin, plugins": "/admin/releases/plugin/",
    "admin, audit log": "/admin/audit/auditevent/",
    "admin, fleet": "/admin/fleet/",
}
NEWCOMER = {"my runs, empty": "/runs/", "account without a key": "/account/"}
UNBROKEN = "Donaudampfschifffahrtsgesellschaft" * 10


@dataclass
class Gallery:
    """`owner` has runs of every kind, whose numbers are in `runs`."""

    owner: Person
    newcomer: Person
    admin: Person
    runs: dict[str, str]

    def find(self, name: str) -> tuple[Person | None, str]:
        """Who sees this page, and where it is."""
        for person, pages in ((None, GUEST), (self.owner, MEMBER), (self.newcomer, NEWCOMER), (self.admin, ADMIN)):
            if name in pages:
                return person, pages[name].format(**self.runs)
        raise KeyError(name)


def furnish(store: Store) -> Gallery:
    owner = store.next_person()
    endless = store.run(owner, "translator", {"text": long_text(80), "target": "fr"})
    store.api(owner, "POST", f"jobs/{number(endless)}/cancel")
    runs = {
        "canceled": endless,
        "failed": store.run(owner, "translator", {"text": UNBROKEN, "source": "de", "target": "de"}),
        "text": store.run(owner, "translator", {"text": UNBROKEN, "source": "de", "target": "en"}),
        "code": store.run(owner, "code-writer", {"task": "Add two numbers."}),
        "markdown": store.run(owner, "summarizer", {"text": LIGHTHOUSE}),
    }
    for run in runs.values():
        store.wait_for_end(owner, run)
    newcomer, admin = store.next_person(), store.admin
    return Gallery(owner, newcomer, admin, {name: number(url) for name, url in runs.items()})


def number(run_url: str) -> str:
    return run_url.rstrip("/").rsplit("/", 1)[1]
