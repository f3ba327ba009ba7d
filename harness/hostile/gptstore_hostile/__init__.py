"""A plugin that tries to get out. Its tools say what they got, or the error that stopped them."""
