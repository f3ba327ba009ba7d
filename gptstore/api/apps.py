from django.apps import AppConfig

from gptstore.server.body_limit import Scope


class ApiConfig(AppConfig):
    name = "gptstore.api"

    async def max_body_bytes(self, scope: Scope, usual: int) -> int:
        """Return the most bytes that a request needs for the input of a tool, for the bound on bodies."""
        from gptstore.api.http.body_sizes import max_body_bytes

        return await max_body_bytes(scope, usual)

    async def max_upload_bytes(self, scope: Scope) -> int:
        """Return how many bytes a request may have with a file, for the bound on bodies."""
        from gptstore.api.http.uploads import max_upload_bytes

        return await max_upload_bytes(scope)
