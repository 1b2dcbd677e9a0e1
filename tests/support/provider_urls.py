"""The addresses of the provider of the tests (tests/support/provider.py): its own, and its sign-in
page."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth import login as begin
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import include, path


def login(request: Any) -> Any:
    """Who are you?"""
    if request.method == "GET":
        return HttpResponse("<form method=post><input name=username><input name=password></form>")
    user = authenticate(username=request.POST["username"], password=request.POST["password"])
    if user is None:
        return HttpResponse(status=403)
    begin(request, user)
    return HttpResponseRedirect(request.GET["next"])


urlpatterns = [path("login", login), path("", include("oauth2_provider.urls"))]
