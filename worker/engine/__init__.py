"""The shared model: requests in, text out. Knows no Django, no Celery and no jobs.

Read `protocol` first, then `serial` (one request after another), `local` (a Hugging Face model) and
`loading` (from a name to a running engine). Importing this package or `protocol` never imports torch.
"""
