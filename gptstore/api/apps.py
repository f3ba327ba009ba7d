from django.apps import AppConfig

from gptstore.server.body_limit import Scope


class ApiConfig(AppConfig):
    name = "gptstore.api"

    async def max_upload_bytes(self, scope: Scope) -> int:
        """Return how many bytes a request may have with a file, for the bound on bodies."""
        from gptstore.api.http.uploads import max_upload_bytes

        return await max_upload_bytes(scope)
