"""`python -m tests.e2e.make_people 20`: makes people with the site's settings, and prints them as JSON.

The first is an admin. One process makes them all: signing each up in a browser would cost a second a test.
"""

import json
import sys
from dataclasses import asdict

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.test import Client  # noqa: E402

from gptstore.accounts.keys import create_key  # noqa: E402
from gptstore.accounts.models import User  # noqa: E402
from tests.e2e.person import PASSWORD, Person  # noqa: E402


def make_person(name: str, password: str, *, admin: bool) -> Person:
    user = User.objects.create(username=name, password=password, is_staff=admin, is_superuser=admin)
    browser = Client()
    browser.force_login(user)
    _key, secret = create_key(user, "of the tests")
    return Person(name, browser.cookies["sessionid"].value, secret)


if __name__ == "__main__":
    password = make_password(PASSWORD)
    people = [make_person(f"person-{n}", password, admin=n == 0) for n in range(int(sys.argv[1]))]
    print(json.dumps([asdict(person) for person in people]))
