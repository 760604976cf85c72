"""Print how many texts have exactly their sources: ``python -m tests.quality.sources [--wrong]``.

The texts are our own, in the manner of agencies and media in twenty languages, and many hold homographs
("Tasnim" the given name). A text is exact where the set of its sources' ids is; its layers are exact where
each source is publisher, agency or cited as it should be. The "unseen" ones stand apart: no pattern was made
with them in sight, so that theirs is the figure to expect of other texts as hard as these.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from workers.contract.records import Article, SourceTag
from workers.enrich.language import LanguageIdentifier
from workers.enrich.registry import SourceRegistry
from workers.enrich.sources import credit_sources
from workers.enrich.text import prepare_fields

DATA = Path(__file__).parents[1] / "enrich" / "data"
MAX_ANALYSED_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text with the ids that it should have and, where they are told, the layer of each.

    ``layers`` holds (relation, id); None where only the ids are told. ``language`` is None where it is not.
    """

    part: Literal["seen", "unseen"]
    language: str | None
    ids: frozenset[str]
    layers: frozenset[tuple[str, str]] | None
    article: Article


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in a snippet, in which language it was read, and whether ids and layers are exact."""

    snippet: Snippet
    language: str
    tags: tuple[SourceTag, ...]

    @property
    def exact(self) -> bool:
        """Whether the set of ids is the expected one."""
        return {tag.source for tag in self.tags} == self.snippet.ids

    @property
    def layers_exact(self) -> bool | None:
        """Whether every source has its relation too; None where none is told."""
        found = {(tag.relation.value, tag.source) for tag in self.tags}
        return None if self.snippet.layers is None else found == self.snippet.layers


def load_snippets() -> list[Snippet]:
    """All snippets of ``tests/enrich/data``."""
    return [*_with_ids("source_snippets.tsv"), *_with_layers("source_credits.tsv")]


def judge(snippet: Snippet, registry: SourceRegistry, identifier: LanguageIdentifier) -> Judged:
    """Read ``snippet`` as the pipeline does."""
    fields = prepare_fields(snippet.article, MAX_ANALYSED_CHARS)
    language = identifier.identify(snippet.article, fields)
    return Judged(snippet, language, credit_sources(snippet.article, fields, language, registry))


def share(judged: Sequence[Judged]) -> float:
    """The share of exact ones, in percent."""
    return 100 * sum(one.exact for one in judged) / len(judged)


def main() -> int:
    parser = argparse.ArgumentParser(description="Print how many texts have exactly their sources.")
    parser.add_argument("--wrong", action="store_true", help="show the texts that are not exact")
    args = parser.parse_args()
    registry, identifier = SourceRegistry.load(), LanguageIdentifier()
    judged = [judge(snippet, registry, identifier) for snippet in load_snippets()]
    console = Console(highlight=False)
    if args.wrong:
        for one in judged:
            if not one.exact:
                found = {tag.source for tag in one.tags}
                missing, extra = sorted(one.snippet.ids - found), sorted(found - one.snippet.ids)
                console.print(
                    f"{one.language} missing {missing} extra {extra}: {one.snippet.article.text!r}",
                    markup=False,
                )
    console.print(sources_table(judged))
    return 0


def sources_table(judged: Sequence[Judged]) -> Table:
    """A row a language, with the unseen texts apart, and a row for all."""
    columns = ("texts", "exact", "unseen texts", "exact", "layers told", "exact")
    table = Table("language", *columns, title="Sources, texts exactly right")
    by_language: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_language[one.snippet.language or one.language].append(one)
    for language, some in sorted(by_language.items()):
        table.add_row(language, *_counts(some))
    table.add_row("all", *_counts(judged), style="bold")
    unseen = [one for one in judged if one.snippet.part == "unseen"]
    table.caption = f"{share(judged):.1f} % of all are exact, {share(unseen):.1f} % of the unseen ones"
    return table


def _counts(judged: Sequence[Judged]) -> Iterator[str]:
    unseen = [one for one in judged if one.snippet.part == "unseen"]
    told = [one for one in judged if one.layers_exact is not None]
    for some in (judged, unseen):
        yield str(len(some))
        yield str(sum(one.exact for one in some))
    yield str(len(told))
    yield str(sum(bool(one.layers_exact) for one in told))


def _lines(name: str) -> Iterator[list[str]]:
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _with_ids(name: str) -> Iterator[Snippet]:
    for expected, text in _lines(name):
        ids = frozenset(expected.split(",")) - {"-"}
        yield Snippet("seen", None, ids, None, Article(id="a", text=text.replace("\\n", "\n")))


def _with_layers(name: str) -> Iterator[Snippet]:
    for part, language, expected, metadata, text in _lines(name):
        pairs = [tuple(pair.split(":")) for pair in expected.split() if pair != "-"]
        layers = frozenset((relation, source) for relation, source in pairs)
        fields = {} if metadata == "-" else dict([metadata.split("=", 1)])
        yield Snippet(
            "unseen" if part == "unseen" else "seen",
            language,
            frozenset(source for _, source in layers),
            layers,
            Article(id="a", text=text.replace("\\n", "\n"), **fields),
        )


if __name__ == "__main__":
    raise SystemExit(main())
