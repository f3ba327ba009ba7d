from tests.acting_run import begin, nothing_seen  # noqa: F401 - fixtures
from tests.people import ada, bob, browser  # noqa: F401 - fixtures
