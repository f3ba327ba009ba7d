from tests.people import ada  # noqa: F401 - a fixture
