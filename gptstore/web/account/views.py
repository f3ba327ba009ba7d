"""The account page: a person's API keys.

A new key's secret is carried over the redirect to the page that shows it once. It travels in a signed cookie that only
this person's account page gets, so the server never stores the secret in clear, as a session would. The first page
that shows it deletes it.
"""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gptstore.accounts import keys
from gptstore.accounts.api_key import NAME_LENGTH, ApiKey
from gptstore.accounts.models import User

COOKIE = "new_api_key"
COOKIE_SECONDS = 120


class ApiKeyForm(forms.ModelForm):
    class Meta:
        model = ApiKey
        fields = ["name", "submits"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off", "placeholder": gettext_lazy("laptop")})}


class SignedInRequest(HttpRequest):
    """A request to a view behind `login_required`."""

    user: User


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: SignedInRequest) -> HttpResponse:
    """List the keys and show a new key's secret once (GET), or make a key (POST)."""
    return make_key(request) if request.method == "POST" else show_keys(request)


def show_keys(request: SignedInRequest) -> HttpResponse:
    secret = receive_secret(request)
    response = account_page(request, ApiKeyForm(), secret=secret)
    if secret:
        forget_secret(response)
    return response


def make_key(request: SignedInRequest) -> HttpResponse:
    form = ApiKeyForm(request.POST)
    if not form.is_valid():
        return account_page(request, form, status=422)
    _key, secret = keys.create_key(request.user, form.cleaned_data["name"], submits=form.cleaned_data["submits"])
    response = redirect("accounts:home")
    hand_over_secret(request, response, secret)
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_key(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask whether to revoke the key (GET), or revoke it (POST)."""
    key = get_object_or_404(request.user.api_keys, pk=pk)
    if request.method != "POST":
        return render(request, "accounts/revoke_key.html", {"key": key})
    keys.revoke(key)
    messages.success(request, _("The key “%(name)s” no longer works.") % {"name": key.name})
    return redirect("accounts:home")


def account_page(
    request: SignedInRequest, form: ApiKeyForm, *, secret: str | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "name_length": NAME_LENGTH,
        "secret": secret,
        "api_keys": request.user.api_keys.active(),
        "api_url": request.build_absolute_uri("/api/v1/"),
    }
    return render(request, "accounts/home.html", context, status=status)


def hand_over_secret(request: SignedInRequest, response: HttpResponse, secret: str) -> None:
    response.set_signed_cookie(
        COOKIE,
        secret,
        salt=cookie_salt(request),
        max_age=COOKIE_SECONDS,
        path=reverse("accounts:home"),
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def receive_secret(request: SignedInRequest) -> str | None:
    """Return the secret that waits for this person, or None. Pair it with `forget_secret` on the response."""
    return request.get_signed_cookie(COOKIE, None, salt=cookie_salt(request), max_age=COOKIE_SECONDS)


def forget_secret(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=reverse("accounts:home"), samesite="Strict")


def cookie_salt(request: SignedInRequest) -> str:
    return f"gptstore.accounts.new-key.{request.user.pk}"
