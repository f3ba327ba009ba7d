"""A plugin that tries to get out of its sandbox. Its tools return what they got, or the error that stopped them."""
