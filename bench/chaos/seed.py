"""`python -m bench.chaos.seed NUMBER`: a store's database with its tools and so many people, as its own process.

Prints {name: API key} as JSON.
"""

import json
import sys
from contextlib import redirect_stdout

import django


def main(number: int) -> dict[str, str]:
    django.setup()
    from django.core.management import call_command

    from gptstore.accounts.keys import create_key
    from gptstore.accounts.models import User

    call_command("migrate", interactive=False, verbosity=0)
    call_command("sync_tools")
    people = [User.objects.create(username=f"person-{count}") for count in range(number)]
    return {person.username: create_key(person, "chaos")[1] for person in people}


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        keys = main(int(sys.argv[1]))
    print(json.dumps(keys))
