"""`gptstore.sdk` loads each name when it is asked for, and looks like any other package all the same."""

import ast
import inspect
import pkgutil
from importlib import import_module

import pytest

import gptstore.sdk


def names_for_type_checkers() -> set[str]:
    """Return what mypy and editors see: the imports below TYPE_CHECKING."""
    (checked,) = [node for node in ast.parse(inspect.getsource(gptstore.sdk)).body if isinstance(node, ast.If)]
    return {alias.name for node in checked.body if isinstance(node, ast.ImportFrom) for alias in node.names}


def test_what_type_checkers_see_is_what_there_is() -> None:
    assert names_for_type_checkers() == {*gptstore.sdk.__all__}
    assert sorted(gptstore.sdk.__all__) == gptstore.sdk.__all__


@pytest.mark.parametrize("name", gptstore.sdk.__all__)
def test_each_name_is_there_and_in_its_list(name: str) -> None:
    value = getattr(gptstore.sdk, name)

    assert value is getattr(gptstore.sdk, name)
    assert name in dir(gptstore.sdk)
    home = getattr(value, "__module__", None)
    if home is not None and home.startswith("gptstore.sdk."):
        assert value is getattr(import_module(home), name)


def test_no_name_but_a_module_s_own_is_hidden_by_a_module() -> None:
    """An import of `gptstore.sdk.tool` would put the module where `from gptstore.sdk import tool` looks."""
    modules = {module.name for module in pkgutil.iter_modules(gptstore.sdk.__path__)}

    assert modules & {*gptstore.sdk.__all__} == {"md"}


def test_a_name_that_is_not_there_is_an_error_as_in_any_module() -> None:
    with pytest.raises(AttributeError, match=r"module 'gptstore\.sdk' has no attribute 'tol'"):
        _ = gptstore.sdk.tol  # type: ignore[attr-defined]
    with pytest.raises(ImportError, match="tol"):
        from gptstore.sdk import tol  # type: ignore[attr-defined]  # noqa: F401
