"""Number formats of technical texts in Chinese, and of browsers: 12,345. Django would write 12345."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
