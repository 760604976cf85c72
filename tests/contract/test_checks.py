"""`telex schemas check` on copies of the folder with one thing wrong each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workers.cli import main
from workers.contract.checks import check_folder
from workers.contract.files import schemas_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(schemas_folder(), tmp_path / "schemas"))


def edit(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def new_version(folder: Path, name: str, version: str, change: Callable[[Any], None]) -> None:
    """A copy of 1.0.0, with the others and the document referring to it."""
    text = (folder / name / "1.0.0.json").read_text(encoding="utf-8")
    path = folder / name / f"{version}.json"
    path.write_text(text.replace(f"{name}/1.0.0.json", f"{name}/{version}.json"), encoding="utf-8")
    edit(path, change)
    document = folder / "asyncapi.yaml"
    document.write_text(document.read_text().replace(f"./{name}/1.0.0.json", f"./{name}/{version}.json"))


def unchanged(schema: Any) -> None:
    pass


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_copy_holds(folder: Path) -> None:
    assert check_folder(folder) == []


def test_a_released_version_must_not_change(folder: Path) -> None:
    edit(folder / "article/1.0.0.json", lambda schema: schema.update(title="Another"))
    assert check_folder(folder) == [
        "article/1.0.0.json: a released version was changed; make a new version of it instead"
    ]


def test_a_released_version_must_not_go(folder: Path) -> None:
    new_version(folder, "article", "1.1.0", unchanged)
    (folder / "article/1.0.0.json").unlink()
    assert "article/1.0.0.json: this released version is gone; readers still have it" in check_folder(folder)


def test_a_new_version_must_be_released(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new_version(
        folder, "article", "1.1.0", lambda schema: schema["properties"].update(section={"type": "string"})
    )
    assert check_folder(folder) == [
        "article/1.1.0.json: not released yet; `telex schemas release` writes it into versions.lock"
    ]
    before = (folder / "versions.lock").read_text()
    assert main(["schemas", "--folder", str(folder), "release"]) == 0
    assert capsys.readouterr().out == "released article/1.1.0.json\n"
    assert check_folder(folder) == []
    assert set(before.splitlines()) < set((folder / "versions.lock").read_text().splitlines())


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("article", lambda s: s["required"].append("url"), "(root): url is newly required"),
        (
            "article",
            lambda s: s["properties"]["id"].update(maxLength=10),
            "/properties/id: maxLength tightened",
        ),
        ("article", lambda s: s["properties"]["url"].update(type="string"), "/properties/url: type narrowed"),
        (
            "dead-letter",
            lambda s: s["required"].remove("dlq-reason"),
            "(root): dlq-reason is no longer required",
        ),
        (
            "dead-letter",
            lambda s: s["properties"]["dlq-reason"]["enum"].append("other"),
            "/properties/dlq-reason: enum value added: readers do not know other",
        ),
    ],
)
def test_a_version_that_breaks_the_one_before_is_refused_and_not_released(
    folder: Path, name: str, change: Callable[[Any], None], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    new_version(folder, name, "1.1.0", change)
    assert any(f"{name}/1.1.0.json: against 1.0.0: {problem}" in line for line in check_folder(folder))
    lock = (folder / "versions.lock").read_bytes()
    assert main(["schemas", "--folder", str(folder), "release"]) == 1
    assert problem in capsys.readouterr().err
    assert (folder / "versions.lock").read_bytes() == lock


def test_a_new_major_version_may_break(folder: Path) -> None:
    new_version(folder, "dead-letter", "2.0.0", lambda s: s["properties"]["dlq-error"].update(maxLength=300))
    assert check_folder(folder) == [
        "dead-letter/2.0.0.json: not released yet; `telex schemas release` writes it into versions.lock"
    ]


def test_what_refers_to_an_old_version_must_follow(folder: Path) -> None:
    new_version(folder, "event", "1.1.0", unchanged)
    assert any(
        line.startswith(
            "enriched-article/1.1.0.json: it refers to https://telex.example/schemas/event/1.0.0.json"
        )
        for line in check_folder(folder)
    )


def test_an_id_that_is_not_the_files_is_found(folder: Path) -> None:
    new_version(
        folder, "article", "1.1.0", lambda s: s.update({"$id": "https://telex.example/schemas/a.json"})
    )
    assert any("article/1.1.0.json: its $id must be" in line for line in check_folder(folder))


def test_what_is_no_json_schema_is_found(folder: Path) -> None:
    edit(folder / "article/1.0.0.json", lambda s: s["properties"]["id"].update(type="text"))
    assert any("article/1.0.0.json: /properties/id" in line for line in check_folder(folder))


def test_a_reference_to_no_file_is_found(folder: Path) -> None:
    edit(
        folder / "enriched-article/1.1.0.json",
        lambda s: s["properties"]["events"].update(items={"$ref": "../event/9.0.0.json"}),
    )
    assert any("event/9.0.0.json" in line for line in check_folder(folder))


@pytest.mark.parametrize(
    ("path", "content", "problem"),
    [
        ("event/1.x.json", "{}", "event/1.x.json: '1.x' is not a version like 1.0.0"),
        ("event/1.0.1.json", "{", "event/1.0.1.json: "),
        ("article/examples/valid/broken.json", "{", "article/examples/valid/broken.json: "),
        (
            "article/examples/valid/wrong.json",
            "{}",
            "article/examples/valid/wrong.json: must be valid: (root)",
        ),
        (
            "article/examples/invalid/bare.json",
            '{"text": 1}',
            "an invalid example is an object of at, why and value",
        ),
        (
            "article/examples/invalid/fine.json",
            '{"at": "/text", "why": "", "value": {"text": "a"}}',
            "article/examples/invalid/fine.json: must not be valid",
        ),
        (
            "article/examples/invalid/elsewhere.json",
            '{"at": "/title", "why": "", "value": {"text": 1}}',
            "article/examples/invalid/elsewhere.json: must be refused at /title, not /text",
        ),
        ("topics.yaml", "topics: []", "topics.yaml: there is no mapping named topics"),
        ("versions.lock", "nonsense\n", "versions.lock: line 1 is not a hash and a file"),
        ("asyncapi.yaml", "a: [", "asyncapi.yaml: "),
        ("asyncapi.yaml", "asyncapi: 2.0.0", "asyncapi.yaml: (root): "),
    ],
)
def test_broken_files_are_one_line_each(folder: Path, path: str, content: str, problem: str) -> None:
    (folder / path).write_text(content, encoding="utf-8")
    found = check_folder(folder)
    assert any(problem in line for line in found), found
    assert all("\n" not in line for line in found)


def test_examples_must_be_there(folder: Path) -> None:
    shutil.rmtree(folder / "event/examples/invalid")
    assert "event: there is no invalid example" in check_folder(folder)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("telex.event.aid.v1", "telex.event.help.v1", "messages/event: ce_type is"),
        ("telex.event-retracted.aid.v1", "telex.event.aid.v2", "messages/retractedEvent: ce_type is"),
        ("telex.article-enriched.v1", "telex.article-enriched.v2", "messages/enrichedArticle: ce_type is"),
        ("./event/1.0.0.json", "./event/0.9.0.json", "leads to no file"),
        ("#/components/schemas/time", "#/components/schemas/when", "#/components/schemas/when leads nowhere"),
        ("partitions: 3", "partitions: 4", "channels/articles-dlq: "),
        ("cleanup.policy: [compact]", "cleanup.policy: [delete]", "channels/articles-published: "),
        ("address: events", "address: typed-events", "channels/events: "),
        ("retention.ms: 604800000", "retention.ms: 1", "channels/articles: "),
        ("action: receive", "action: subscribe", "/operations/receiveArticles/action"),
        ("asyncapi: 3.0.0", "asyncapi: 2.6.0", "/asyncapi"),
        ("operations:", "operation:", "(root): "),
    ],
)
def test_an_asyncapi_document_that_is_not_the_code_is_found(
    folder: Path, old: str, new: str, problem: str
) -> None:
    replace(folder / "asyncapi.yaml", old, new)
    assert any(line.startswith("asyncapi.yaml: ") and problem in line for line in check_folder(folder))


def test_topics_that_name_no_schema_are_found(folder: Path) -> None:
    replace(folder / "topics.yaml", "record: event", "record: happening")
    assert "topics.yaml: events: there is no schema happening" in check_folder(folder)


def test_the_command_lists_shows_and_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas", "list"]) == 0
    assert "enriched-article" in capsys.readouterr().out
    assert main(["schemas", "show", "event@1.0.0"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Event"
    assert main(["schemas", "show", "happening"]) == 1
    assert capsys.readouterr().err.startswith("telex schemas: there is no schema happening")
    assert main(["schemas", "check"]) == 0
    assert capsys.readouterr().out.startswith("all is well with 6 schemas in 7 versions")


def test_the_command_says_what_is_wrong_in_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder / "article/1.0.0.json", lambda schema: schema.update(title="Another"))
    assert main(["schemas", "--folder", str(folder), "check"]) == 1
    assert capsys.readouterr().err == (
        "telex schemas: article/1.0.0.json: "
        "a released version was changed; make a new version of it instead\n"
    )
    assert main(["schemas", "--folder", str(folder / "nowhere"), "check"]) == 1
    assert "Traceback" not in capsys.readouterr().err
