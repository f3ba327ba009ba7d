"""An engine whose model runs on another server with OpenAI's API.

Read `connect` first (from an address to a running engine), then `engine`, `conversation` (one request), `body` (what is
sent), `stream` and `promise` (what is received) and `refusal` (errors). Importing this package never imports torch.
"""
