"""Numbers as technical texts in Chinese write them, and as browsers do: 12,345. Django would write 12345."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
