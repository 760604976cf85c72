"""Image, compose and Kubernetes files: structure, settings that exist, probes that are answered."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from workers.settings import Settings, load_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
KUSTOMIZATION = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text("utf-8"))
OBJECTS = [
    thing
    for name in KUSTOMIZATION["resources"]
    for thing in yaml.safe_load_all((DEPLOY / "kubernetes" / name).read_text("utf-8"))
]
LITERALS = dict(literal.split("=", 1) for literal in KUSTOMIZATION["configMapGenerator"][0]["literals"])


def the(kind: str) -> dict[str, Any]:
    (found,) = [thing for thing in OBJECTS if thing["kind"] == kind]
    return found


def pod(kind: str) -> dict[str, Any]:
    return the(kind)["spec"]["template"]["spec"]


def test_image_installs_from_the_lock_with_hashes_and_runs_as_nobody_in_particular() -> None:
    final = DOCKERFILE.rsplit("FROM ", 1)[1]
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.11-slim"}
    assert re.search(r"pip install --require-hashes -r requirements/worker\.lock", DOCKERFILE)
    for install in re.findall(r"pip (?:install|wheel) .*", DOCKERFILE):
        assert "--require-hashes" in install or "--no-deps" in install
    assert re.search(r"^USER [1-9][0-9]*$", final, re.MULTILINE)
    assert "ENTRYPOINT" in final
    assert "pip" not in final


def test_image_copies_what_its_build_ignores_not() -> None:
    kept = set(re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8"), re.MULTILINE))
    copied = set()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        copied |= set(line.split())
    assert copied == kept
    assert all((DEPLOY.parent / path).exists() for path in copied)


def test_compose_starts_kafka_then_topics_then_the_worker() -> None:
    services = COMPOSE["services"]
    assert services["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    assert services["enrich"]["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}
    assert services["kafka"]["healthcheck"]["test"]
    for name in ("topics", "enrich"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert "build" in services[name]


def test_compose_publishes_ports_on_the_loopback_only_and_mounts_what_is_there() -> None:
    for service in COMPOSE["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (DEPLOY / source).is_dir() if source.startswith(".") else source in COMPOSE["volumes"]
        assert re.search(r":[\w.]*\d[\w.]*$", service["image"]) or "build" in service


def test_compose_runs_the_kafka_that_the_tests_run() -> None:
    pom = ET.parse(DEPLOY / "kafka/pom.xml")  # noqa: S314  # our own file
    version = pom.find(".//{http://maven.apache.org/POM/4.0.0}kafka.version")
    assert version is not None
    assert COMPOSE["services"]["kafka"]["image"] == f"apache/kafka:{version.text}"


@pytest.mark.parametrize("service", ["topics", "enrich"])
def test_compose_environment_is_accepted(service: str) -> None:
    settings = load_settings(COMPOSE["services"][service]["environment"])
    assert settings.bootstrap_servers == "kafka:9092"


def test_kubernetes_settings_are_accepted_with_the_secret_read_from_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "sasl-password"
    secret.write_text("swordfish\n")
    environment = LITERALS | {"TELEX_SASL_PASSWORD_FILE": str(secret)}
    for variable in pod("StatefulSet")["containers"][0]["env"]:
        environment[variable["name"]] = variable.get("value", "telex-enrich-0")
    settings = load_settings(environment)
    assert settings.sasl_password is not None
    assert settings.sasl_password.get_secret_value() == "swordfish"
    assert settings.stable_worker_id == "telex-enrich-0"
    assert settings.metrics_host == "0.0.0.0"  # noqa: S104


def test_worker_id_is_the_name_of_the_pod_in_a_stateful_set() -> None:
    (variable,) = [v for v in pod("StatefulSet")["containers"][0]["env"] if v["name"] == "TELEX_WORKER_ID"]
    assert variable["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
    assert the("StatefulSet")["spec"]["serviceName"] == the("Service")["metadata"]["name"]
    assert the("Service")["spec"]["clusterIP"] == "None"


def test_no_manifest_holds_a_secret() -> None:
    assert not [thing for thing in OBJECTS if thing["kind"] == "Secret"]
    assert not {name for name in LITERALS if "PASSWORD" in name} - {"TELEX_SASL_PASSWORD_FILE"}
    for kind in ("StatefulSet", "Job"):
        container = pod(kind)["containers"][0]
        mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
        assert mounts["secrets"]["readOnly"] is True
        assert LITERALS["TELEX_SASL_PASSWORD_FILE"].startswith(mounts["secrets"]["mountPath"] + "/")


@pytest.mark.parametrize("kind", ["StatefulSet", "Job"])
def test_pods_are_restricted(kind: str) -> None:
    spec = pod(kind)
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False  # TELEX_..._SERVICE_HOST would be an unknown setting
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert f"USER {spec['securityContext']['runAsUser']}\n" in DOCKERFILE
    (container,) = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}  # noqa: S108
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        volume["name"] for volume in spec["volumes"]
    }


@pytest.mark.parametrize("kind", ["StatefulSet", "Job"])
def test_arguments_are_commands_of_telex(kind: str) -> None:
    from workers.cli import _parser

    _parser().parse_args(pod(kind)["containers"][0]["args"])
    for service in ("topics",):
        _parser().parse_args(COMPOSE["services"][service]["command"])


def test_probes_ask_paths_that_the_worker_answers() -> None:
    container = pod("StatefulSet")["containers"][0]
    # Only these two start the container again: they may not wait for Kafka.
    assert container["startupProbe"]["httpGet"]["path"] == "/healthz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    (port,) = container["ports"]
    assert port["containerPort"] == Settings.model_fields["metrics_port"].default
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["port"] == port["name"]


def test_there_is_time_to_drain() -> None:
    drain = load_settings({}).shutdown_seconds
    assert pod("StatefulSet")["terminationGracePeriodSeconds"] > drain
    assert float(COMPOSE["services"]["enrich"]["stop_grace_period"].removesuffix("s")) > drain


def test_selectors_select_the_worker_and_not_the_job() -> None:
    labels = the("StatefulSet")["spec"]["template"]["metadata"]["labels"]
    for selector in (
        the("StatefulSet")["spec"]["selector"]["matchLabels"],
        the("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        the("Service")["spec"]["selector"],
    ):
        assert selector.items() <= labels.items()
        assert selector
    assert "labels" not in the("Job")["spec"]["template"].get("metadata", {})
    monitor = yaml.safe_load((DEPLOY / "kubernetes/pod-monitor.yaml").read_text("utf-8"))
    everything = labels | KUSTOMIZATION["labels"][0]["pairs"]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= everything.items()
    assert monitor["spec"]["podMetricsEndpoints"][0]["relabelings"][0] == {
        "targetLabel": "job",
        "replacement": "telex",
    }


def test_images_of_the_manifests_are_the_one_that_kustomize_names() -> None:
    (image,) = KUSTOMIZATION["images"]
    assert {pod(kind)["containers"][0]["image"] for kind in ("StatefulSet", "Job")} == {image["name"]}
