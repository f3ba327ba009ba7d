"""`python -m tests.e2e.make_groups Legal person-3`: makes a group with a member, and prints its number."""

import json
import sys

import django

django.setup()

from django.contrib.auth.models import Group  # noqa: E402

from gptstore.accounts.models import User  # noqa: E402

if __name__ == "__main__":
    group = Group.objects.get_or_create(name=sys.argv[1])[0]
    group.user_set.add(User.objects.get(username=sys.argv[2]))
    print(json.dumps(group.pk))
