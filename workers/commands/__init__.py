"""The subcommands of `telex`: each module has ``HELP``, ``configure`` and ``run``."""
