"""Makes the multilingual network again: from labelled news to the files that the worker runs. Never installed
with it.
"""
