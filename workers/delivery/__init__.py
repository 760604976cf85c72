"""Kafka in and out: the transaction loop, dead letters, health, shutdown; knows nothing of languages."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from workers.settings import Settings

DEFAULT_PROCESS_FACTORY = "workers.enrich.message:load_processor"
_EXIT_USAGE = 2


def run_enrich(settings: Settings, process_factory: str = DEFAULT_PROCESS_FACTORY) -> int:
    """Run the enrich workers until SIGTERM or SIGINT; return the exit status, 2 for a start that cannot be.

    ``process_factory`` (``module:function``) names the function from the settings and a stage observer to the
    function from a message's value to its outcome.
    """
    if settings.ssl_cafile is not None and not os.access(settings.ssl_cafile, os.R_OK):
        print(f"telex: TELEX_SSL_CAFILE: cannot read {settings.ssl_cafile}", file=sys.stderr)  # noqa: T201
        return _EXIT_USAGE
    directory = tempfile.mkdtemp(prefix="telex-metrics-")
    # Read once, when prometheus_client is imported: by the supervisor below, and by the workers it starts.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
    try:
        from workers.delivery.exposition import PortTakenError
        from workers.delivery.supervisor import Supervisor
        from workers.logging import configure_logging

        configure_logging(settings, process="parent")
        try:
            supervisor = Supervisor(settings, process_factory, Path(directory))
        except PortTakenError as error:
            print(f"telex: {error}", file=sys.stderr)  # noqa: T201
            return _EXIT_USAGE
        return supervisor.run()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
