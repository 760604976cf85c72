from pathlib import Path

import pytest

from workers.settings import Settings, SettingsError, describe_settings, load_settings

SASL = {
    "TELEX_SECURITY_PROTOCOL": "SASL_SSL",
    "TELEX_SASL_MECHANISM": "SCRAM-SHA-512",
    "TELEX_SASL_USERNAME": "telex",
}


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"TELEX_BATCH_MAX_ARTICLES": "many"}, "TELEX_BATCH_MAX_ARTICLES"),
        ({"TELEX_BATCH_MAX_ARTICLES": "0"}, "TELEX_BATCH_MAX_ARTICLES"),
        ({"TELEX_BOOTSTRAP_SERVERS": "kafka"}, "TELEX_BOOTSTRAP_SERVERS"),
        ({"TELEX_BOOTSTRAP_SERVERS": "kafka:99999"}, "TELEX_BOOTSTRAP_SERVERS"),
        ({"TELEX_BOOTSTRAP_SERVERS": ""}, "TELEX_BOOTSTRAP_SERVERS"),
        ({"TELEX_LOG_LEVEL": "loud"}, "TELEX_LOG_LEVEL"),
        ({"TELEX_TOPIC_PREFIX": "Has Spaces"}, "TELEX_TOPIC_PREFIX"),
        ({"TELEX_TRANSACTION_DEADLINE_SECONDS": "-1"}, "TELEX_TRANSACTION_DEADLINE_SECONDS"),
        ({"TELEX_BOOTSTRAP": "127.0.0.1:9092"}, "TELEX_BOOTSTRAP"),
        ({"TELEX_SASL_PASSWORD_FILE": "/does/not/exist"}, "TELEX_SASL_PASSWORD_FILE"),
        (SASL, "TELEX_SASL_PASSWORD"),
        ({"TELEX_METRICS_PORT": "0"}, "TELEX_WORKER_ID"),
        ({"TELEX_RETRY_MAX_SECONDS": "inf"}, "TELEX_RETRY_MAX_SECONDS"),
        ({"TELEX_SHUTDOWN_SECONDS": "inf"}, "TELEX_SHUTDOWN_SECONDS"),
        ({"TELEX_BATCH_MAX_SECONDS": "nan"}, "TELEX_BATCH_MAX_SECONDS"),
        ({"TELEX_BATCH_MAX_SECONDS": "40"}, "TELEX_TRANSACTION_DEADLINE_SECONDS"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line_that_names_the_variable(
    environment: dict[str, str], variable: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment)
    assert variable in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_variables_of_the_environment_are_left_alone() -> None:
    assert load_settings({"PATH": "/bin", "TELEXES": "1"}) == load_settings({})


def test_an_override_goes_before_the_environment() -> None:
    assert load_settings({"TELEX_PROCESSES": "2"}, processes=3).processes == 3


def test_a_secret_is_read_from_a_file_and_masked_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("hunter2\n", encoding="utf-8")
    settings = load_settings({**SASL, "TELEX_SASL_PASSWORD_FILE": str(path)})
    assert settings.sasl_password is not None
    assert settings.sasl_password.get_secret_value() == "hunter2"
    rendered = f"{settings} {settings!r} {describe_settings(settings)} {settings.model_dump_json()}"
    assert "hunter2" not in rendered


def test_a_wrong_secret_is_not_quoted() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({**SASL, "TELEX_SASL_PASSWORD": "hunter2", "TELEX_SASL_MECHANISM": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_every_setting_tells_its_meaning() -> None:
    assert all(meaning for _, _, meaning in describe_settings(load_settings({})))
    assert len(describe_settings(load_settings({}))) == len(Settings.model_fields)


def test_the_worker_id_is_stable_and_unique_on_a_host() -> None:
    one, two = load_settings({}), load_settings({"TELEX_METRICS_PORT": "9109"})
    assert one.stable_worker_id == load_settings({}).stable_worker_id != two.stable_worker_id
    assert load_settings({"TELEX_WORKER_ID": "w"}).stable_worker_id == "w"
