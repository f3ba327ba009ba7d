"""The account page: a person's API keys."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gptstore.accounts import keys
from gptstore.accounts.api_key import NAME_LENGTH
from gptstore.accounts.models import User
from gptstore.web.account import one_time_secret
from gptstore.web.account.forms import ApiKeyForm


class SignedInRequest(HttpRequest):
    """What a view behind `login_required` gets."""

    user: User


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: SignedInRequest) -> HttpResponse:
    """GET lists the keys, and shows a new key's secret once; POST makes a key."""
    return make_key(request) if request.method == "POST" else show_keys(request)


def show_keys(request: SignedInRequest) -> HttpResponse:
    secret = one_time_secret.receive(request)
    response = account_page(request, ApiKeyForm(), secret=secret)
    if secret:
        one_time_secret.forget(response)
    return response


def make_key(request: SignedInRequest) -> HttpResponse:
    form = ApiKeyForm(request.POST)
    if not form.is_valid():
        return account_page(request, form, status=422)
    _key, secret = keys.create_key(request.user, form.cleaned_data["name"])
    response = redirect("accounts:home")
    one_time_secret.hand_over(request, response, secret)
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_key(request: SignedInRequest, pk: int) -> HttpResponse:
    """GET asks, POST does."""
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
