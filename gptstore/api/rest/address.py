from django.http import HttpRequest


def base_url(request: HttpRequest) -> str:
    """The site's address as the caller wrote it, without a slash at its end."""
    return request.build_absolute_uri("/")[:-1]
