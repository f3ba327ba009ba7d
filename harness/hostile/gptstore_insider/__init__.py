"""Plugins whose import already prepares harm: they keep the host's descriptors, change the SDK, or fill the disk."""
