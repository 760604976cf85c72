import json
import subprocess
import sys

import pytest

PROGRAM = """
import logging, structlog
from workers.logging import configure_logging
from workers.settings import load_settings
configure_logging(load_settings({{"TELEX_LOG_FORMAT": "{log_format}"}}), process="worker-0")
try:
    {{}}["what the article said"]
except KeyError:
    structlog.get_logger("x").exception("article_failed", article_id="a1")
    logging.getLogger("kafka.consumer").exception("a library failed")
"""


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_an_exception_is_logged_with_its_place_and_type_but_not_its_message(log_format: str) -> None:
    program = PROGRAM.format(log_format=log_format)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.count("KeyError") == 2
    assert "what the article said" not in done.stderr
    assert "article_failed" in done.stderr
    if log_format == "json":
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        assert [line["process"] for line in lines] == ["worker-0", "worker-0"]
