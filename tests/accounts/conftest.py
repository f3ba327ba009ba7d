from tests.people import ada, bob, browser  # noqa: F401 - fixtures
