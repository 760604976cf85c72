"""The settings of Telex: the only reader of the environment.

Every setting is an environment variable ``TELEX_<NAME>``. A secret may instead stand in a file whose
path is in ``TELEX_<NAME>_FILE``. Secrets are masked in every rendering of the settings.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "TELEX_"
_SECRETS = ("sasl_password",)


class SettingsError(ValueError):
    """A setting is wrong; the message is one clear line that names the variable."""


class Settings(BaseSettings):
    """All settings, frozen. Durations are in seconds, sizes in bytes or characters as the names say."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    bootstrap_servers: str = Field("127.0.0.1:9092", description="Kafka brokers, host:port, comma-separated.")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to talk to Kafka."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        None, description="With SASL: the mechanism."
    )
    sasl_username: str | None = Field(None, description="With SASL: the user.")
    sasl_password: SecretStr | None = Field(None, description="With SASL: the password (or a _FILE).")
    ssl_cafile: Path | None = Field(None, description="With SSL: the certificate authority's file.")

    group_id: str = Field("telex-enrich", min_length=1, max_length=200, description="The consumer group.")
    worker_id: str = Field(
        "",
        max_length=100,
        description="Names this process tree in Kafka (transactional id, static membership); two running at "
        "once need two names, a restarted one must keep its own. Default: host name and metrics port.",
    )
    topic_prefix: str = Field(
        "", max_length=100, pattern=r"^[a-z0-9.-]*$", description="Put before every topic's name."
    )
    replication_factor: int = Field(
        0,
        ge=0,
        le=32767,
        description="Of topics that `topics apply` creates; 0: what topics.yaml says, at most "
        "the number of brokers.",
    )

    batch_max_articles: int = Field(64, ge=1, le=10_000, description="Articles in one transaction.")
    batch_max_bytes: int = Field(4 << 20, ge=1024, description="Input bytes in one transaction.")
    batch_max_seconds: float = Field(
        0.5, gt=0, le=60, description="A transaction is closed when its processing took this long."
    )
    transaction_deadline_seconds: float = Field(
        40.0, gt=0, le=600, description="A worker whose transaction is not through by then leaves at once."
    )
    retry_max_seconds: float = Field(30.0, gt=0, le=3600, description="The longest pause between two tries.")
    shutdown_seconds: float = Field(20.0, gt=0, le=3600, description="How long a draining worker may take.")

    max_message_bytes: int = Field(16 << 20, ge=1024, description="Larger messages are dead letters.")
    max_text_chars: int = Field(1_000_000, ge=1, description="Articles with a longer text are dead letters.")
    max_analysed_chars: int = Field(
        16_000, ge=100, description="How much of a text is read for entities and events."
    )

    remembered_articles: int = Field(
        50_000,
        ge=1,
        le=10_000_000,
        description="Of each partition: the newest articles whose published events are remembered, so that a "
        "corrected version tells what changed. About half a kilobyte of memory each.",
    )

    processes: int = Field(1, ge=1, le=256, description="Worker processes of `telex run enrich`.")
    metrics_host: str = Field("127.0.0.1", description="Where /metrics, /healthz, /readyz listen.")
    metrics_port: int = Field(9108, ge=0, le=65535, description="Their port; 0 takes a free one.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Literal["json", "console"] = Field("json", description="Log lines for machines or people.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from the given mapping alone, so that `load_settings` is the one way in."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @field_validator("bootstrap_servers")
    @classmethod
    def _check_bootstrap_servers(cls, value: str) -> str:
        for server in value.split(","):
            host, _, port = server.strip().rpartition(":")
            if not host or not port.isdecimal() or not 0 < int(port) < 65536:
                raise ValueError(f"{server.strip()!r} is not host:port")
        return value

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.security_protocol.startswith("SASL") and not (
            self.sasl_mechanism and self.sasl_username and self.sasl_password
        ):
            raise ValueError(
                "TELEX_SASL_MECHANISM, TELEX_SASL_USERNAME and TELEX_SASL_PASSWORD are needed "
                f"with TELEX_SECURITY_PROTOCOL={self.security_protocol}"
            )
        if self.batch_max_seconds >= self.transaction_deadline_seconds:
            raise ValueError(
                "TELEX_BATCH_MAX_SECONDS must be less than TELEX_TRANSACTION_DEADLINE_SECONDS, in which a "
                "batch is processed and published"
            )
        if self.metrics_port == 0 and not self.worker_id:
            raise ValueError("TELEX_WORKER_ID is needed with TELEX_METRICS_PORT=0")
        return self

    @property
    def stable_worker_id(self) -> str:
        """The name that this process tree keeps over restarts; one listening port gives one name a host."""
        return self.worker_id or f"{socket.gethostname()}-{self.metrics_port}"

    def topic(self, name: str) -> str:
        """The full name of one of the topics of ``schemas/topics.yaml``."""
        return f"{self.topic_prefix}{name}"


def load_settings(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings from ``environment`` (default: the process's), ``overrides`` by field name on top.

    Raises SettingsError, with one line that names the variable, for a wrong or an unknown one.
    """
    env = dict(os.environ if environment is None else environment)
    values: dict[str, Any] = {}
    for name, value in env.items():
        if not name.startswith(PREFIX):
            continue
        field = name.removeprefix(PREFIX).lower()
        if field.endswith("_file") and field.removesuffix("_file") in _SECRETS:
            values[field.removesuffix("_file")] = _read_secret(name, value)
        elif field in Settings.model_fields:
            values.setdefault(field, value)
        else:
            raise SettingsError(f"{name}: there is no such setting; `telex check-config` lists them")
    values.update(overrides)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(_first_problem(error)) from None


def describe_settings(settings: Settings) -> list[tuple[str, str, str]]:
    """Each setting as (variable, value, meaning), secrets masked."""
    return [
        (PREFIX + name.upper(), str(getattr(settings, name)), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def _read_secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not readable as text"
        raise SettingsError(f"{variable}: cannot read {path}: {reason}") from None


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    text = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return text
    return f"{PREFIX}{str(problem['loc'][0]).upper()}: {text}"
