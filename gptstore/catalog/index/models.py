"""The tables of the index of tools, beside the full text index of the database itself."""

from django.db import models


class SearchEntry(models.Model):
    """The place of a tool in the order in which the index has what is found, see `place`.

    The migration adds to it what Django has no field for: `postgres` and `sqlite` say what that is.
    """

    tool = models.OneToOneField("catalog.Tool", models.CASCADE, primary_key=True, related_name="search_entry")
    place = models.BigIntegerField(unique=True)

    def __str__(self) -> str:
        return f"{self.tool_id} at {self.place}"


class SearchWord(models.Model):
    """A word of the catalogue, for the correction of misspelt ones. See `spelling` for its keys."""

    word = models.CharField(max_length=48)
    head = models.CharField(max_length=8)
    tail = models.CharField(max_length=8)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word"], name="search_word")]
        indexes = [
            models.Index(fields=["head", "word"], name="search_word_head"),
            models.Index(fields=["tail", "word"], name="search_word_tail"),
        ]

    def __str__(self) -> str:
        return self.word
