class AuditLogError(Exception):
    """Raised when code tries to change the audit log. A retry can't help."""


class BrokenChain(Exception):
    """Raised when the audit log is not what was written. The message says from which event on."""
