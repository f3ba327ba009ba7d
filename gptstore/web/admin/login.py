"""Sends the admin's sign-in to the site's own, so that one limit of wrong passwords holds everywhere.

Django's pages check passwords without a limit: the sign-in, also when a signed-in person sends its form, and the change
of a password.
"""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def go_to_admin(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    return redirect("admin:index")


def go_to_password(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    return redirect("account_change_password")


admin.site.login = secure_admin_login(go_to_admin)  # type: ignore[method-assign]
admin.site.password_change = go_to_password  # type: ignore[method-assign, assignment]
