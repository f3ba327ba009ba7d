"""Changes at the same time get events one after the other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from gptstore.audit.chain import verify
from gptstore.audit.record import record

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_chain_does_not_fork() -> None:
    def in_a_thread(number: int) -> int:
        try:
            return record(None, "test.write", str(number)).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        written = [*pool.map(in_a_thread, range(12))]

    assert sorted(written) == [*range(1, 13)]
    assert verify()[0] == 12
