"""Telex: news articles in from Kafka, typed events out."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("telex")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
