"""Rules, dashboard and runbooks speak of metrics and alerts that exist; promtool itself is for check.sh."""

import json
import os
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

import workers.metrics  # noqa: F401  # declares the metrics
from workers.delivery.exposition import ProcessCollector

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
GROUPS = [
    group
    for path in sorted((PROMETHEUS / "rules").glob("*.yml"))
    for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
]
RULES = [rule for group in GROUPS for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboards/telex.json").read_text("utf-8"))
RUNBOOKS = ROOT / "docs/runbooks"


def exposed_labels() -> dict[str, set[str]]:
    """Every series name that /metrics may have, with its labels."""
    exposed = {}
    of_processes = list(ProcessCollector(lambda: {"parent": os.getpid()}).collect())
    for metric in [*REGISTRY.collect(), *of_processes]:
        if not metric.name.startswith("telex_"):
            continue
        collector = REGISTRY._names_to_collectors.get(metric.name)
        labels = set(collector._labelnames) if collector else set(metric.samples[0].labels)
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(metric.type, [""])
        for suffix in suffixes:
            exposed[metric.name + suffix] = labels | ({"le"} if suffix == "_bucket" else set())
    return exposed


EXPOSED = exposed_labels()
# Given by Prometheus to every series, or part of its language.
SCRAPE_LABELS = {"job", "instance"}


def dashboard_expressions() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])] + [
        DASHBOARD["annotations"]["list"][0]["expr"]
    ]


EXPRESSIONS = [rule["expr"] for rule in RULES] + dashboard_expressions()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_in_an_expression_exists(expression: str) -> None:
    named = set(re.findall(r"\btelex[_:][a-zA-Z0-9_:]+", expression))
    assert named <= EXPOSED.keys() | RECORDED
    assert named or "up{" in expression or "ALERTS{" in expression


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_label_in_a_selector_exists(expression: str) -> None:
    for name, selector in re.findall(r"\b(telex_[a-zA-Z0-9_]+)\{([^}]*)\}", expression):
        labels = set(re.findall(r"([a-z_]+)\s*[=!]", selector))
        assert labels <= EXPOSED[name] | SCRAPE_LABELS


def test_every_metric_of_telex_is_watched_somewhere() -> None:
    everything = " ".join(EXPRESSIONS)
    bases = {re.sub(r"_(bucket|sum|count)$", "", name) for name in EXPOSED}
    assert [base for base in sorted(bases) if base not in everything] == []


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_has_a_severity_a_summary_and_its_runbook(alert: dict) -> None:
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert set(alert["annotations"]) == {"summary", "description", "runbook"}
    runbook = ROOT / alert["annotations"]["runbook"]
    assert runbook == RUNBOOKS / f"{alert['alert']}.md"
    text = runbook.read_text("utf-8")
    assert text.startswith(f"# {alert['alert']}\n")
    for part in ("**Meaning.**", "**Effect.**", "## Look", "## Do"):
        assert part in text


def test_every_runbook_belongs_to_an_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == {alert["alert"] for alert in ALERTS}


def test_runbooks_name_only_commands_and_settings_that_exist() -> None:
    from workers.cli import COMMANDS
    from workers.settings import Settings

    text = "\n".join(path.read_text("utf-8") for path in RUNBOOKS.glob("*.md"))
    assert set(re.findall(r"`telex ([a-z-]+)", text)) <= set(COMMANDS)
    settings = {
        name.removeprefix("TELEX_").removesuffix("_FILE").lower()
        for name in re.findall(r"TELEX_[A-Z_]+", text)
    }
    assert settings <= set(Settings.model_fields)


def test_every_alert_has_a_unit_test_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    fires, silent = set(), set()
    for path in (PROMETHEUS / "tests").glob("*.yml"):
        for case in yaml.safe_load(path.read_text("utf-8"))["tests"]:
            for check in case["alert_rule_test"]:
                (fires if check.get("exp_alerts") else silent).add(check["alertname"])
    names = {alert["alert"] for alert in ALERTS}
    assert fires == names
    assert silent == names


def test_prometheus_scrapes_the_job_that_the_rules_count_on() -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))
    assert [job["job_name"] for job in config["scrape_configs"]] == ["telex"]
    assert list(PROMETHEUS.glob(config["rule_files"][0]))


def test_alertmanager_routes_to_receivers_that_exist() -> None:
    config = yaml.safe_load((ROOT / "deploy/alertmanager/alertmanager.yml").read_text("utf-8"))
    receivers = {receiver["name"] for receiver in config["receivers"]}
    routes = [config["route"], *config["route"]["routes"]]
    assert {route["receiver"] for route in routes} == receivers
    named = set(re.findall(r"Telex\w+", json.dumps(config["inhibit_rules"])))
    assert named <= {alert["alert"] for alert in ALERTS}


def test_dashboard_can_be_provisioned() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] and (panel["type"] == "row" or panel["description"]) for panel in panels)
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD)))
    declared = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert used - declared <= {"__rate_interval", "__all"}
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    provider = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/telex.yaml").read_text("utf-8"))
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))
    mounts = [volume.split(":")[1] for volume in compose["services"]["grafana"]["volumes"]]
    assert provider["providers"][0]["options"]["path"] in mounts
