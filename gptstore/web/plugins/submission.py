"""The form by which an author submits a bundle, and what the store says to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gptstore.accounts.models import User
from gptstore.accounts.rate_limits import SUBMIT_SECONDS, may_submit
from gptstore.releases import authors
from gptstore.releases.errors import BundleRefused, BundleStorageError
from gptstore.releases.submit import submit
from gptstore.releases.uploads import stored
from gptstore.sdk.problem import Problem


class BundleForm(forms.Form):
    bundle = forms.FileField(allow_empty_file=True)


@dataclass(frozen=True)
class RefusedSubmission:
    """Why nothing was submitted. problems: what is wrong with the bundle. status: of the answer."""

    text: str
    status: int
    problems: Sequence[Problem] = ()


class SignedInRequest(HttpRequest):
    """A request to a view behind `login_required`."""

    user: User


def receive(request: SignedInRequest) -> HttpResponse | RefusedSubmission:
    """Submit the bundle of this form, and lead to its plugin; or return why not."""
    if not authors.may_submit(request.user):
        return RefusedSubmission(_("Only staff may submit releases to this store."), 403)
    form = BundleForm(request.POST, request.FILES)
    if not form.is_valid():
        return RefusedSubmission(_("Choose the bundle, a file that ends with .gptx."), 422)
    if not may_submit(request, request.user):
        return RefusedSubmission(_("You have submitted many bundles within an hour. Try again later."), 429)
    try:
        with stored(form.cleaned_data["bundle"]) as path:
            release = submit(path, request.user)
    except BundleRefused as error:
        return RefusedSubmission(_("The store does not take this bundle."), 422, error.problems)
    except BundleStorageError:
        return RefusedSubmission(_("The bundle could not be stored. Try again in a few minutes."), 503)
    messages.success(request, _("%(release)s is submitted.") % {"release": release})
    return redirect("plugins:plugin", release.plugin.name)


def answer_later(response: HttpResponse) -> HttpResponse:
    response["Retry-After"] = str(SUBMIT_SECONDS)
    return response
