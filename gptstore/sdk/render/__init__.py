"""Renders the output of tools as HTML, by its kind: for the store's pages, and for the page of `gptstore dev`.

It needs markdown-it-py, nh3 and pygments, which the extra `cli` has.
"""
