"""How a language credits a source, as data: one YAML file a language under ``data/credits/``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workers.enrich.folding import fold_phrase

_NEVER: Final = re.compile(r"(?!)")
# How many words may stand between a cue and the name it credits.
_NOUN_REACH: Final = 3
_CUE_REACH: Final = 6
_PERSON_REACH: Final = 12
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")

_Ending = Annotated[str, Field(min_length=1, max_length=6)]
_Phrases = list[Annotated[str, Field(min_length=1, max_length=60)]]


class CreditError(ValueError):
    """A file of credit patterns is wrong; the message names it."""


class CreditPhrases(BaseModel):
    """The phrases of one language, in any case.

    ``nouns`` before a name and ``nouns_after`` behind it say what it is ("agence de presse", "news agency").
    ``attributions`` directly before it credit it ("selon"); so do the ``told`` ("a dit à"), where the name
    is no person's; ``links`` ("sur") do only for a name that means nothing else. ``cues`` near before it or
    ``cues_after`` near behind it speak for it ("dépêche", "rapporte"). ``reports`` directly behind a
    homograph credit it: verbs that media do rather than people ("has reported").

    ``says`` are beginnings of verbs of saying ("confirm"). Where one of ``to`` stands right between them and
    a name ("confirmaron el martes a EFE"), or one of ``to_after`` right behind a name and one of them further
    on ("AA'ya dün konuştu"), or the name is between ``to`` and them ("به مهر گفت"), it is whom something is
    said to. By ``own`` before a name or ``own_after`` behind it a text calls its own medium by name ("will
    update this story"). ``bylines`` open a line that names a source.

    A homograph after ``not_after`` or before ``not_before`` words is something else ("province de Fars"), one
    of the ``months`` beside a number is a date ("۲۰ مهر"), and one that words for ``persons`` follow ("her
    husband") is somebody.

    What ``deeds`` before a name or ``deeds_after`` behind it tell of ("a sanctionné la chaîne", "kanalı
    kapatıldı") befalls the medium, which is then nobody's source; so does what words that begin with one of
    ``deed_stems`` tell of ("perquisition"), on the ``deed_sides`` where the language has them. Where only its
    ``staff`` is spoken of ("ancien journaliste de") and nobody says anything, it is no source either.

    ``endings`` are what the language writes onto a name, by what the bare name has in their place
    ({"а": [ы, е]} for "Медузы", "Медузе"; {"": [ê]} for "Reutersê"). ``conjunctions`` join a name to another
    that is credited already. ``capital_nouns`` says that the language writes all nouns with capitals.
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
    persons: _Phrases = []
    reports: _Phrases = []
    says: _Phrases = []
    to: _Phrases = []
    to_after: _Phrases = []
    own: _Phrases = []
    own_after: _Phrases = []
    staff: _Phrases = []
    deeds: _Phrases = []
    deed_stems: _Phrases = []
    deed_sides: list[Literal["before", "behind"]] = ["before", "behind"]
    deeds_after: _Phrases = []
    conjunctions: _Phrases = []
    capital_nouns: bool = False
    endings: dict[Annotated[str, Field(max_length=6)], list[_Ending]] = {}


@dataclass(frozen=True, slots=True)
class CreditPatterns:
    """The phrases of one language as expressions over the words before or behind a name, each bounded."""

    noun: re.Pattern[str]
    noun_near: re.Pattern[str]
    noun_behind: re.Pattern[str]
    noun_right_behind: re.Pattern[str]
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
    person_behind: re.Pattern[str]
    report_behind: re.Pattern[str]
    said_to: re.Pattern[str]
    said_behind: re.Pattern[str]
    to: re.Pattern[str]
    saying_next: re.Pattern[str]
    own: re.Pattern[str]
    own_behind: re.Pattern[str]
    attribution_near: re.Pattern[str]
    staff: re.Pattern[str]
    saying: re.Pattern[str]
    staff_behind: re.Pattern[str]
    deed: re.Pattern[str]
    deed_stem: re.Pattern[str]
    deed_stem_behind: re.Pattern[str]
    reported_later: re.Pattern[str]
    deed_behind: re.Pattern[str]
    conjunction: re.Pattern[str]
    capital_nouns: bool
    endings: tuple[tuple[str, tuple[str, ...]], ...]

    @classmethod
    def of(cls, phrases: CreditPhrases) -> CreditPatterns:
        """Compile ``phrases``; what they match is folded and lower-case."""
        stems = re.compile(_stems(phrases.deed_stems)) if phrases.deed_stems else _NEVER
        # What is done to whom a sentence names stands behind the name where the verb ends the sentence.
        verb_final = phrases.deed_sides == ["behind"]
        return cls(
            noun=_before(phrases.nouns, reach=_NOUN_REACH),
            noun_near=_before(phrases.nouns, reach=1),
            noun_behind=_behind(phrases.nouns_after, reach=0),
            noun_right_behind=_beginning(phrases.nouns),
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
            person_behind=_behind(phrases.persons, reach=_PERSON_REACH),
            report_behind=_behind(phrases.reports, reach=0),
            said_to=_said_to(phrases.says, phrases.to),
            said_behind=_said_behind(phrases.to_after, phrases.says),
            to=_before(phrases.to, reach=0),
            saying_next=_beginning(phrases.says),
            own=_before(phrases.own, reach=0),
            own_behind=_behind(phrases.own_after, reach=0),
            attribution_near=_before(phrases.attributions, reach=_NOUN_REACH),
            staff=_before(phrases.staff, reach=_NOUN_REACH),
            staff_behind=_behind(phrases.staff, reach=0),
            saying=re.compile(_stems(phrases.says)) if phrases.says else _NEVER,
            deed_stem=stems if "before" in phrases.deed_sides else _NEVER,
            deed_stem_behind=stems if "behind" in phrases.deed_sides else _NEVER,
            reported_later=_compile(phrases.cues_after, "{}", "{}") if verb_final else _NEVER,
            deed=_compile(phrases.deeds, "{}", "{}"),
            deed_behind=_compile(phrases.deeds_after, "{}", "{}"),
            conjunction=_compile(phrases.conjunctions, r"^\W*{}\W*$", r"^\W*{}\W*$"),
            capital_nouns=phrases.capital_nouns,
            endings=tuple(
                (fold_phrase(bare), tuple(sorted(map(fold_phrase, endings), key=len, reverse=True)))
                for bare, endings in phrases.endings.items()
            ),
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


def _said_to(says: Sequence[str], to: Sequence[str]) -> re.Pattern[str]:
    """Finds a verb of ``says`` and one of ``to`` at the end of a text, a few words between them."""
    if not says or not to:
        return _NEVER
    return re.compile(rf"(?:{_stems(says)})\w*(?:[^\w,،;:]+\w+){{0,{_CUE_REACH}}}?\W+(?:{_words(to)})\W*$")


def _said_behind(to: Sequence[str], says: Sequence[str]) -> re.Pattern[str]:
    """Finds one of ``to`` at the beginning of a text and a verb of ``says`` a few words after it."""
    if not says or not to:
        return _NEVER
    return re.compile(rf"^\W{{0,4}}(?:{_words(to)})\W+(?:\w+\W+){{0,{_CUE_REACH}}}(?:{_stems(says)})")


def _beginning(stems: Sequence[str]) -> re.Pattern[str]:
    """Finds a word that begins with one of ``stems`` at the beginning of a text."""
    return re.compile(rf"^\W{{0,4}}(?:{_stems(stems)})") if stems else _NEVER


def _stems(says: Sequence[str]) -> str:
    stems = sorted({fold_phrase(stem) for stem in says}, key=len, reverse=True)
    return "|".join(("" if _UNSPACED.search(stem) else r"(?<!\w)") + re.escape(stem) for stem in stems)


def _words(phrases: Sequence[str]) -> str:
    return "|".join(_bounded(phrase) for phrase in sorted({fold_phrase(phrase) for phrase in phrases}))


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
