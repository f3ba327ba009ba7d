"""Compares what splits text into sentences."""
