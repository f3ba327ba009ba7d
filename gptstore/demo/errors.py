"""The errors that end the demo: a start that fails, or the person who stops it."""


class AlreadyRunning(Exception):
    """Raised when another demo uses the same folder. A retry helps once that one is stopped."""


class NoFreePort(Exception):
    """Raised when no port can be had on this address. Another host or port can help."""


class NoRedis(Exception):
    """Raised when there is no redis-server; the message says how to get one. A retry helps after that."""


class DiedEarly(Exception):
    """Raised when a process ended that should run; the message holds the end of its log. A retry seldom helps."""


class Stopped(BaseException):
    """Raised in the main thread when the person stops the demo; a BaseException, so that no step swallows it."""
