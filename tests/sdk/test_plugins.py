"""Finding plugins by their entry points, and keeping the broken ones away from the others."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gptstore.sdk.plugins import BrokenPlugin, Loaded, load_plugins, plugin_folders
from gptstore.sdk.testing import run

Install = Callable[..., Path]


def load() -> Loaded:
    """What is installed in this test, without the plugins of the developer's own environment."""
    loaded = load_plugins()
    return Loaded(
        [plugin for plugin in loaded.plugins if plugin.name.startswith("test-")],
        [plugin for plugin in loaded.broken if plugin.name.startswith("test-")],
    )


def the_broken_one() -> BrokenPlugin:
    (broken,) = load().broken
    return broken


def test_an_installed_plugin_is_found_and_its_tool_runs(install: Install, greeter: str) -> None:
    install("test-greeter", greeter, version="2.1", metadata="Summary: Says hello\n")

    loaded = load()

    (plugin,) = loaded.plugins
    assert loaded.broken == []
    assert (plugin.name, plugin.distribution, plugin.version, plugin.module) == (
        "test-greeter",
        "test-greeter",
        "2.1",
        "test_greeter",
    )
    assert plugin.manifest.summary == "Says hello"
    assert [tool.slug for tool in plugin.tools] == ["greet"]
    greet = loaded.find("greet")
    assert greet is not None
    assert run(greet, name="Ada").output == "Hello, Ada!"
    assert loaded.find("missing") is None


def test_a_name_has_one_spelling(install: Install, greeter: str) -> None:
    install("Test_Greeter.Two".replace(".", "_"), greeter)

    (plugin,) = load().plugins

    assert (plugin.name, plugin.distribution) == ("test-greeter-two", "Test_Greeter_Two")


def test_another_group_is_another_store(install: Install, greeter: str) -> None:
    install("test-greeter", greeter)

    assert load_plugins("gptstore.other") == Loaded([], [])


def test_a_plugin_can_be_an_object_instead_of_a_module(install: Install) -> None:
    install(
        "test-object",
        """
        from gptstore.sdk import Context, hookimpl, tool

        @tool
        def shout(ctx: Context, text: str) -> str:
            "Shout."
            return text.upper()

        class Plugin:
            @hookimpl
            def gptstore_tools(self):
                return (shout,)

        plugin = Plugin()
        """,
        entry_points="shout = test_object:plugin",
    )

    assert [tool.slug for plugin in load().plugins for tool in plugin.tools] == ["shout"]


def test_a_package_with_two_entry_points_is_one_plugin(install: Install, greeter: str, site_folder: Path) -> None:
    install("test-two", greeter, entry_points="a = test_two\nb = test_two_more")
    (site_folder / "test_two_more.py").write_text(
        "from gptstore.sdk import Context, hookimpl, tool\n\n"
        "@tool\ndef part(ctx: Context) -> str:\n    'Say goodbye.'\n    return 'Bye'\n\n"
        "@hookimpl\ndef gptstore_tools():\n    return [part]\n"
    )

    (plugin,) = load().plugins

    assert [tool.slug for tool in plugin.tools] == ["greet", "part"]
    assert [tool.slug for tool in plugin.manifest.tools] == ["greet", "part"]


def test_a_plugin_may_offer_nothing(install: Install) -> None:
    install(
        "test-empty",
        """
        from gptstore.sdk import hookimpl

        @hookimpl
        def gptstore_tools():
            return []
        """,
    )

    assert [plugin.tools for plugin in load().plugins] == [()]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import does_not_exist_anywhere", "No module named 'does_not_exist_anywhere'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import sys; sys.exit('no licence key')", "no licence key"),
        (
            """
            from gptstore.sdk import Context, tool

            @tool
            def store(ctx: Context, data: bytes) -> str:
                "Store."
                return ""
            """,
            "tool store, parameter 'data': the type bytes is not supported",
        ),
        (
            """
            from gptstore.sdk import hookimpl

            @hookimpl
            def gptstore_tools():
                raise RuntimeError("no tools today")
            """,
            "RuntimeError: no tools today",
        ),
    ],
)
def test_one_broken_plugin_is_reported_and_the_others_go_on(
    install: Install, greeter: str, code: str, error: str
) -> None:
    install("test-a-broken", code)
    install("test-greeter", greeter)

    loaded = load()

    assert [plugin.name for plugin in loaded.plugins] == ["test-greeter"]
    (broken,) = loaded.broken
    assert broken.name == "test-a-broken"
    assert error in broken.error
    assert "\n" not in broken.error
    assert "test_a_broken.py" in broken.error
    assert "Traceback" in broken.details


def test_a_misspelt_hook_is_named_and_the_right_one_suggested(install: Install, greeter: str) -> None:
    install("test-typo", greeter.replace("gptstore_tools", "gptstore_tolls"))

    assert the_broken_one().error == "there is no hook 'gptstore_tolls'; did you mean 'gptstore_tools'?"


def test_a_misspelt_hook_is_reported_even_beside_a_right_one(install: Install, greeter: str) -> None:
    more = """
        @hookimpl
        def gptstore_categories():
            return []
    """
    install("test-more", greeter + more)

    assert the_broken_one().error == "there is no hook 'gptstore_categories'; hooks are: gptstore_tools"


def test_a_forgotten_hookimpl_is_explained(install: Install, greeter: str) -> None:
    install("test-forgotten", greeter.replace("@hookimpl", ""))

    assert the_broken_one().error == "test_forgotten implements no hook; write @hookimpl over gptstore_tools"


def test_a_module_without_any_hook_is_reported(install: Install) -> None:
    install("test-nothing", "ANSWER = 42")

    assert the_broken_one().error == "test_nothing implements no hook; define gptstore_tools with @hookimpl"


def test_an_argument_that_the_hook_does_not_have_is_reported(install: Install, greeter: str) -> None:
    install("test-argument", greeter.replace("gptstore_tools()", "gptstore_tools(settings)"))

    assert "settings" in the_broken_one().error


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ("None", "gptstore_tools returned None; return a list of tools"),
        ("greet", "gptstore_tools returned <Tool 'greet'>; return a list of tools"),
        ("{'greet': greet}", "return a list of tools"),
        ("[greet.function]", "which is no tool; write @tool over it"),
        ("['greet']", "gptstore_tools returned a list with 'greet', which is no tool"),
        ("[greet, greet]", "two of its tools have the slug 'greet'; give one another with slug="),
    ],
)
def test_a_hook_that_returns_something_else_is_reported(
    install: Install, greeter: str, result: str, error: str
) -> None:
    install("test-result", greeter.replace("[greet]", result))

    assert error in the_broken_one().error


def test_two_plugins_may_offer_one_slug_and_each_is_found_by_its_name(install: Install, greeter: str) -> None:
    install("test-zebra", greeter)
    install("test-antelope", greeter)

    loaded = load()

    assert ([plugin.name for plugin in loaded.plugins], loaded.broken) == (["test-antelope", "test-zebra"], [])
    antelope, zebra = loaded.plugins
    assert loaded.find("greet", "test-zebra") is zebra.tools[0]
    assert loaded.find("greet", "test-antelope") is antelope.tools[0]
    assert loaded.find("greet", "test-other") is None


@pytest.mark.parametrize(
    "entry_point", ["broken = no_such_module", "broken = test_entry:nothing", "broken = not valid"]
)
def test_an_entry_point_that_leads_nowhere_is_reported(install: Install, greeter: str, entry_point: str) -> None:
    install("test-entry", greeter, entry_points=entry_point)
    install("test-greeter", greeter)

    loaded = load()

    assert [plugin.name for plugin in loaded.plugins] == ["test-greeter"]
    assert [plugin.name for plugin in loaded.broken] == ["test-entry"]


def test_a_package_without_metadata_does_not_stop_the_others(install: Install, greeter: str, site_folder: Path) -> None:
    install("test-greeter", greeter)
    install("test-bare", greeter.replace("greet", "bare"), entry_points="test-bare = test_bare")
    (site_folder / "test_bare-1.0.dist-info" / "METADATA").unlink()

    loaded = load()

    assert [plugin.name for plugin in loaded.plugins] == ["test-greeter"]
    assert [plugin.name for plugin in loaded.broken] == ["test-bare"]


def test_a_keyboard_interrupt_is_not_a_broken_plugin(install: Install) -> None:
    install("test-interrupt", "raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        load_plugins()


def test_the_folders_of_plugins_are_those_of_what_they_require_too_but_never_the_stores(install: Install) -> None:
    store = "Requires-Dist: gptstore>=0.1\n"
    plugin = install("test-caller", "", metadata=f"{store}Requires-Dist: test-library (>=1)\nRequires-Dist: absent\n")
    library = install("test-library", "", metadata=f"{store}Requires-Dist: test-base; extra == 'x'\n", entry_points="")
    extra = install("test-base", "", entry_points="")
    for path in (library, extra):
        info = path.with_name(f"{path.stem}-1.0.dist-info")
        (info / "entry_points.txt").unlink()
        (info / "top_level.txt").write_text(f"{path.stem}\n", encoding="utf-8")

    folders = plugin_folders()

    assert {str(plugin), str(library)} <= {*folders}
    assert str(extra) not in folders
    assert [folder for folder in folders if Path(folder).name in ("gptstore", "worker")] == []
