"""Fixtures that several suites use; the models load once a session."""

from __future__ import annotations

import pytest

from workers.enrich.message import Processor, enrich_message, limits_of
from workers.enrich.pipeline import Pipeline
from workers.settings import load_settings


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    return Pipeline.load(limits_of(load_settings({})))


@pytest.fixture(scope="session")
def process(pipeline: Pipeline) -> Processor:
    return lambda value: enrich_message(value, pipeline)
