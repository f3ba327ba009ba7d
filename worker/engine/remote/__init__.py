"""An engine whose model runs on another server with OpenAI's API.

Read `connect` first (from an address to a running engine), then `engine`, `completion` (one request), `body` (what is
sent), `stream` and `response` (what is received) and `errors`. Importing this package never imports torch.
"""
