from tests.acting_run import begin, nothing_seen  # noqa: F401 - fixtures
