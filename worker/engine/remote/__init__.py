"""An engine whose model runs on another server, which speaks OpenAI's API.

Read `connect` first (from an address to a running engine), then `engine`, `conversation` (one request), `body` (what is
asked), `stream` (what is answered) and `refusal` (what can go wrong). Importing this package never imports torch.
"""
