"""`gptstore check`: what it prints, for people and for programs, and whom it asks."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from gptstore.sdk.intake.check_project import check_project
from gptstore.sdk.intake.rules import RULES
from tests.authors.broken.plugin import Broken
from tests.authors.conftest import Command

GOOD = Broken("greeter", "")
MISSPELT = Broken("greeter", "", "gptstore_tools", "gptstore_tolls")
LINE = "acme_greeter.py:11: hook: there is no hook 'gptstore_tolls' → did you mean 'gptstore_tools'?"
WARNING = "acme_greeter.py:5: example (warning): tool greet: it has no example"
WITHOUT_EXAMPLE = Broken("greeter", "", ', examples=[Example("Ada", {"name": "Ada"})]', "")


def test_a_good_plugin_passes_and_is_summed_up(desk: Path, gptstore: Command) -> None:
    GOOD.write(desk)

    done = gptstore("check", "greeter")

    assert (done.status, done.out) == (0, "")
    assert done.err == "acme-greeter 1.0.0 is fine. Tools: 1, examples that ran: 1.\n"


def test_a_problem_is_one_line_with_its_place_from_here(desk: Path, gptstore: Command) -> None:
    MISSPELT.write(desk)

    done = gptstore("check", "greeter")

    assert (done.status, done.out) == (1, f"greeter/{LINE}\n")
    assert done.err == "A store would refuse it: 1 problem.\n"


def test_a_warning_alone_is_no_failure(desk: Path, gptstore: Command) -> None:
    WITHOUT_EXAMPLE.write(desk)

    done = gptstore("check", "greeter")

    assert done.status == 0
    assert done.out.startswith(f"greeter/{WARNING}")


def test_the_current_folder_is_checked_where_none_is_named(
    desk: Path, gptstore: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(MISSPELT.write(desk))

    assert gptstore("check").out == f"{LINE}\n"


def test_a_folder_that_is_not_there_is_a_wrong_call(gptstore: Command) -> None:
    done = gptstore("check", "nowhere")

    assert done.status == 2
    assert "There is no folder nowhere" in done.err


def test_programs_get_one_line_of_json(desk: Path, gptstore: Command) -> None:
    MISSPELT.write(desk)

    done = gptstore("check", "greeter", "--json")

    assert done.status == 1
    assert json.loads(done.out) == {
        "name": None,
        "version": None,
        "tools": [],
        "problems": [
            {
                "rule": "hook",
                "message": "there is no hook 'gptstore_tolls'",
                "mend": "did you mean 'gptstore_tools'?",
                "file": "greeter/acme_greeter.py",
                "line": 11,
                "severity": "error",
                "needs": [],
            }
        ],
    }


def test_code_hosts_get_sarif_that_follows_its_schema(desk: Path, gptstore: Command) -> None:
    MISSPELT.write(desk)

    done = gptstore("check", "greeter", "--sarif", "found.sarif")

    log = json.loads((desk / "found.sarif").read_text(encoding="utf-8"))
    check_sarif(log)
    (result,) = log["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("hook", "error")
    assert result["message"]["text"] == "there is no hook 'gptstore_tolls'; did you mean 'gptstore_tools'?"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "greeter/acme_greeter.py"},
        "region": {"startLine": 11},
    }
    assert done.out == f"greeter/{LINE}\n"


def check_sarif(log: dict[str, Any]) -> None:
    """Check what the schema of SARIF 2.1.0 requires of the objects that we write, and that references hold."""
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        assert driver["name"] and driver["version"]
        names = [rule["id"] for rule in driver["rules"]]
        assert len({*names}) == len(names) and all(rule["shortDescription"]["text"] for rule in driver["rules"])
        for result in run["results"]:
            assert names[result["ruleIndex"]] == result["ruleId"]
            assert result["level"] in ("error", "warning", "note", "none")
            assert result["message"]["text"]
            for location in result["locations"]:
                place = location["physicalLocation"]
                assert " " not in place["artifactLocation"]["uri"] and not place["artifactLocation"]["uri"].startswith(
                    "/"
                )
                assert place.get("region", {"startLine": 1})["startLine"] >= 1


def test_a_file_that_cannot_be_written_is_named(desk: Path, gptstore: Command) -> None:
    MISSPELT.write(desk)

    done = gptstore("check", "greeter", "--sarif", "nowhere/found.sarif")

    assert done.status == 1
    assert "nowhere/found.sarif can't be written (No such file or directory)" in done.err


class Catalogue(BaseHTTPRequestHandler):
    """A store with one tool, which another plugin offers."""

    def do_GET(self) -> None:
        is_there = self.path == "/api/v1/tools/greet"
        body = json.dumps({"slug": "greet", "plugin": "other-greeter"} if is_there else {"status": 404}).encode()
        self.send_response(200 if is_there else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


@pytest.fixture
def store() -> Iterator[str]:
    """The address of a store whose catalogue has a tool `greet`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Catalogue) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_slug_that_a_store_has_of_another_plugin_is_taken(desk: Path, gptstore: Command, store: str) -> None:
    GOOD.write(desk)

    done = gptstore("check", "greeter", "--server", store)

    taken = (
        "slug: its tool 'greet' belongs to the plugin other-greeter, which had it first → give another one with slug="
    )
    assert (done.status, done.out) == (1, f"greeter/acme_greeter.py:5: {taken}\n")


@pytest.mark.parametrize("change", [("acme-greeter", "Other.Greeter"), ("def greet", "def say_hello")])
def test_its_own_slug_and_a_free_one_are_not_taken(
    desk: Path, gptstore: Command, store: str, change: tuple[str, str]
) -> None:
    Broken("greeter", "", change[0], change[1]).write(desk)
    if change[1] == "def say_hello":
        code = desk / "greeter" / "acme_greeter.py"
        code.write_text(code.read_text().replace("[greet]", "[say_hello]"))

    assert gptstore("check", "greeter", "--server", store).status == 0


def test_a_store_that_is_not_there_is_another_status(desk: Path, gptstore: Command, store: str) -> None:
    GOOD.write(desk)

    done = gptstore("check", "greeter", "--server", store.replace("127.0.0.1", "127.0.0.1:1/"))

    assert done.status == 3
    assert "There is no store at" in done.err
    assert gptstore("check", "greeter", "--server", "store.example").status == 2


def test_where_the_index_is_not_reached_the_author_is_told_that_nobody_asked(
    desk: Path, gptstore: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(desk / "cache"))
    Broken("greeter", "", '"gptstore-sdk>=0.1"', '"gptstore-sdk>=0.1", "acme-native"').write(desk)

    done = gptstore("check", "greeter", "--offline")

    assert done.status == 0
    asked = "nobody asked whether the dependencies have wheels: the package index can't be reached"
    assert done.out == f"greeter/pyproject.toml:6: dependency-wheels (warning): {asked} → check again with a network\n"


def test_a_tool_that_says_why_it_wants_the_network_passes(desk: Path, gptstore: Command) -> None:
    project = Broken("greeter", "", 'title="Greeter"', 'title="Greeter", network=True').write(desk)
    code = project / "acme_greeter.py"
    reason = '"""Greet somebody.\n\n    Network: asks names.example for the gender of a name.\n    """'
    code.write_text(code.read_text().replace('"""Greet somebody."""', reason))

    assert gptstore("check", "greeter").status == 0


def test_no_secret_is_ever_printed(desk: Path, gptstore: Command) -> None:
    secret = "gs_" + "q7Zp2LxVtB9nKwR4sYcJ8mHdGf3TaEuX6iPo5CvN"
    Broken("greeter", "", top=f"KEY = '{secret}'\n").write(desk)

    for options in ((), ("--json",), ("--sarif", "found.sarif")):
        done = gptstore("check", "greeter", *options)
        assert secret[4:] not in done.out + done.err
        assert "a key of a gptstore" in done.out
    assert secret[4:] not in (desk / "found.sarif").read_text()


def test_nothing_is_left_in_the_project(desk: Path, gptstore: Command) -> None:
    project = GOOD.write(desk)
    before = sorted(project.rglob("*"))

    gptstore("check", "greeter")

    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize("plugin", ["code_writer", "qa", "summarizer", "translator"])
def test_the_built_in_plugins_pass(plugin: str) -> None:
    assert check_project(Path(__file__).parents[2] / "plugins" / plugin).problems == []


def test_every_rule_is_told_by_a_title() -> None:
    assert all(name == rule.name and rule.title[0].isupper() and rule.mend for name, rule in RULES.items())
