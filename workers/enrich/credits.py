"""How a language credits a source, as data: one YAML file a language under ``data/credits/``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workers.enrich.folding import fold_phrase

_NEVER: Final = re.compile(r"(?!)")
# How many words may stand between a cue and the name it credits.
_NOUN_REACH: Final = 3
_CUE_REACH: Final = 6
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")

_Phrases = list[Annotated[str, Field(min_length=1, max_length=60)]]


class CreditError(ValueError):
    """A file of credit patterns is wrong; the message names it."""


class CreditPhrases(BaseModel):
    """The phrases of one language, in any case.

    ``nouns`` before a name and ``nouns_after`` behind it say what it is ("agence de presse", "news agency").
    ``attributions`` directly before it credit it ("selon"); so do the ``told`` ("a dit à"), where the name
    is no person's; ``links`` ("sur") do only for a name that means nothing else. ``cues`` near before it or
    ``cues_after`` near behind it speak for it ("dépêche", "rapporte"). ``bylines`` open a line that names a
    source. A homograph after ``not_after`` or before ``not_before`` words is something else ("province de
    Fars"), and one of the ``months`` beside a number is a date ("۲۰ مهر").
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    nouns: _Phrases
    nouns_after: _Phrases = []
    attributions: _Phrases
    told: _Phrases = []
    links: _Phrases = []
    cues: _Phrases = []
    cues_after: _Phrases = []
    bylines: _Phrases = []
    not_after: _Phrases = []
    not_before: _Phrases = []
    months: _Phrases = []


@dataclass(frozen=True, slots=True)
class CreditPatterns:
    """The phrases of one language as expressions over the words before or behind a name, each bounded."""

    noun: re.Pattern[str]
    noun_near: re.Pattern[str]
    noun_behind: re.Pattern[str]
    noun_within: re.Pattern[str]
    attribution: re.Pattern[str]
    told: re.Pattern[str]
    link: re.Pattern[str]
    cue: re.Pattern[str]
    cue_behind: re.Pattern[str]
    verb_behind: re.Pattern[str]
    byline: re.Pattern[str]
    veto: re.Pattern[str]
    veto_behind: re.Pattern[str]
    months: frozenset[str]

    @classmethod
    def of(cls, phrases: CreditPhrases) -> CreditPatterns:
        """Compile ``phrases``; what they match is folded and lower-case."""
        return cls(
            noun=_before(phrases.nouns, reach=_NOUN_REACH),
            noun_near=_before(phrases.nouns, reach=1),
            noun_behind=_behind(phrases.nouns_after, reach=0),
            noun_within=_compile([*phrases.nouns, *phrases.nouns_after], "{}", "{}"),
            attribution=_before(phrases.attributions, reach=0),
            told=_before(phrases.told, reach=0),
            link=_before(phrases.links, reach=0),
            cue=_before([*phrases.attributions, *phrases.told, *phrases.cues], reach=_CUE_REACH),
            cue_behind=_behind(phrases.cues_after, reach=_CUE_REACH),
            verb_behind=_behind(phrases.cues_after, reach=0),
            byline=_compile(phrases.bylines, r"^\W*{}(?!\w)", r"^\W*{}"),
            veto=_before(phrases.not_after, reach=0),
            veto_behind=_behind(phrases.not_before, reach=0),
            months=frozenset(fold_phrase(month) for month in phrases.months),
        )


def load_credit_patterns() -> Mapping[str, CreditPatterns]:
    """The patterns of every language that has a file, by ISO 639-1 code."""
    folder = resources.files("workers.enrich") / "data" / "credits"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        language, _, extension = file.name.partition(".")
        if extension == "yaml":
            try:
                phrases = CreditPhrases.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
            except (ValidationError, yaml.YAMLError) as error:
                raise CreditError(f"{file.name}: {error}") from error
            found[language] = CreditPatterns.of(phrases)
    return found


def _before(phrases: Sequence[str], *, reach: int) -> re.Pattern[str]:
    """Finds one of ``phrases`` at the end of a text, at most ``reach`` words before it and an article."""
    return _compile(
        phrases,
        rf"{{}}(?:\W+\w+){{{{0,{reach}}}}}\W*(?:\b(?:l|la|le|les|the|el|los|der|die|das|il|lo|o|a))?\W*$",
        rf"{{}}.{{{{0,{3 * reach}}}}}$",
    )


def _behind(phrases: Sequence[str], *, reach: int) -> re.Pattern[str]:
    """Finds one of ``phrases`` at the beginning of a text, at most ``reach`` words after it."""
    return _compile(
        phrases,
        rf"^\W{{{{0,4}}}}(?:\w+\W+){{{{0,{reach}}}}}{{}}",
        rf"^\W{{{{0,4}}}}.{{{{0,{3 * reach}}}}}{{}}",
    )


def _compile(phrases: Sequence[str], spaced: str, unspaced: str) -> re.Pattern[str]:
    """An expression that finds one of ``phrases`` in the frame for its kind of script."""
    folded = sorted({fold_phrase(phrase) for phrase in phrases}, key=len, reverse=True)
    frames = []
    for frame, kind in ((spaced, False), (unspaced, True)):
        chosen = [_bounded(phrase) for phrase in folded if bool(_UNSPACED.search(phrase)) is kind]
        if chosen:
            frames.append(frame.format(f"(?:{'|'.join(chosen)})"))
    return re.compile("|".join(f"(?:{frame})" for frame in frames)) if frames else _NEVER


def _bounded(phrase: str) -> str:
    """``phrase`` as whole words; Arabic may write "and" or "so" onto the first one."""
    words = r"\W+".join(re.escape(word) for word in phrase.split())
    if _UNSPACED.search(phrase):
        return words
    left = r"(?<!\w)[وف]?" if "\u0600" <= phrase[0] <= "\u06ff" else r"(?<!\w)" if phrase[0].isalnum() else ""
    return left + words + (r"(?!\w)" if phrase[-1].isalnum() else "")
