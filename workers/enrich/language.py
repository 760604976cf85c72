"""The language of an article: ISO 639-1, from the text, with the publisher's own statement as a strong hint.

Letter statistics (py3langid, a naive Bayes classifier over byte n-grams after Lui and Baldwin 2012) among the
languages of the text's script; telling words where two languages share their letters.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

import yaml
from babel import Locale
from babel.core import get_global
from py3langid.langid import LanguageIdentifier as _Classifier

from workers.contract.records import Article
from workers.enrich.text import FieldText

UNDETERMINED: Final = "und"

_SAMPLE_CHARS: Final = 3_000
# Fewer letters than this: a stated language stands whatever the statistics say, and without one a language
# that much news is in is so many times likelier than another.
_ENOUGH_LETTERS: Final = 60
_WIDESPREAD_ODDS: Final = 8
_SURE: Final = 0.9
_CONTRADICTED: Final = 0.02
_GUESS: Final = 0.1
_NEWEST_CODES: Final = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "nb": "no",
    "fil": "tl",
    "prs": "fa",
    "sdh": "ku",
    "ckb": "ku",
}
# Labels of the classifier that are varieties of a language with a code of its own.
_VARIETIES: Final = {"arz": "ar", "ary": "ar", "wuu": "zh", "yue": "zh", "uzs": "uz", "sdh": "ku"}

# (first code point, script), ISO 15924; what lies between two entries belongs to the former. "" is no script.
_BLOCKS: Final = (
    (0x0000, ""), (0x0041, "Latn"), (0x005B, ""), (0x0061, "Latn"), (0x007B, ""),
    (0x00C0, "Latn"), (0x0250, ""), (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, "Armn"),
    (0x0590, "Hebr"), (0x0600, "Arab"), (0x0700, ""), (0x0750, "Arab"), (0x0780, ""),
    (0x08A0, "Arab"), (0x0900, "Deva"), (0x0980, "Beng"), (0x0A00, "Guru"), (0x0A80, "Gujr"),
    (0x0B00, "Orya"), (0x0B80, "Taml"), (0x0C00, "Telu"), (0x0C80, "Knda"), (0x0D00, "Mlym"),
    (0x0D80, "Sinh"), (0x0E00, "Thai"), (0x0E80, "Laoo"), (0x0F00, "Tibt"), (0x1000, "Mymr"),
    (0x10A0, "Geor"), (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, ""), (0x1780, "Khmr"),
    (0x1800, ""), (0x1E00, "Latn"), (0x1F00, "Grek"), (0x2000, ""), (0x3040, "Jpan"),
    (0x3100, ""), (0x3400, "Hans"), (0x4DC0, ""), (0x4E00, "Hans"), (0xA000, ""),
    (0xAC00, "Hang"), (0xD7B0, ""), (0xF900, "Hans"), (0xFB00, ""), (0xFB50, "Arab"),
    (0xFE00, ""), (0xFE70, "Arab"), (0xFEFF, ""), (0x20000, "Hans"), (0x40000, ""),
)  # fmt: skip
_BLOCK_STARTS: Final = tuple(start for start, _ in _BLOCKS)
# A character of these says as much as several letters of an alphabet.
_DENSE: Final = frozenset({"Hans", "Jpan", "Hang"})
_PERSIAN_LETTERS: Final = str.maketrans("يك", "یک")
_WORD: Final = re.compile(r"[^\W\d_]+")


class LanguageIdentifier:
    """Finds an article's language; loading takes about half a second and 30 MB, so load it once."""

    def __init__(self) -> None:
        self._languages_by_script: dict[str, tuple[str, ...]] = {
            script: tuple(languages) for script, languages in _read("scripts.yaml").items()
        }
        self._scripts_by_language: dict[str, set[str]] = {}
        for script, languages in self._languages_by_script.items():
            for language in languages:
                self._scripts_by_language.setdefault(language, set()).add(script)
        self._widespread = frozenset(_read("widespread.yaml"))
        self._close = tuple(
            {language: _TellingWords(words) for language, words in group.items()}
            for group in _read("close.yaml")
        )
        self._classifier = _Classifier.from_model_file("data/model.npz.xz", norm_probs=True)
        known = set(self._classifier.labels)
        self._classifier.set_languages(known & (self._scripts_by_language.keys() | _VARIETIES.keys()))
        self._aliases: Mapping[str, str] = get_global("language_aliases")
        self._known = frozenset(str(code) for code in Locale("en").languages)

    def identify(self, article: Article, fields: Sequence[FieldText]) -> str:
        """The language of ``fields``, as ISO 639-1; ``und`` when neither they nor the article say.

        ``article.language`` stands unless the text is in a script that this language is not printed in,
        or is surely in another one.
        """
        hint = self._stated(article.language)
        sample = _sample(fields)
        letters = _count_scripts(sample)
        if not letters:
            return hint or UNDETERMINED
        script = letters.most_common(1)[0][0]
        if script == "Hans" and letters["Jpan"]:
            script = "Jpan"
        candidates = self._languages_by_script[script]
        if hint in self._scripts_by_language and hint not in candidates:
            hint = None
        if len(candidates) == 1:
            return hint or candidates[0]
        return self._among(candidates, hint, sample, letters[script])

    def _among(self, candidates: Sequence[str], hint: str | None, sample: str, letters: int) -> str:
        chances: Counter[str] = Counter()
        for label, chance in self._classifier.rank(sample):
            language = _VARIETIES.get(label, label)
            if language in candidates:
                chances[language] += chance
        if letters < _ENOUGH_LETTERS:
            for language in self._widespread & chances.keys():
                chances[language] *= _WIDESPREAD_ODDS
        best = chances.most_common(1)[0][0]
        # What languages so close as Bosnian and Croatian share, they have together.
        family = next((group for group in self._close if best in group), {best: None})
        share = sum(chances[language] for language in family) / sum(chances.values())
        if hint is None:
            return self._settle(best, sample) if share >= _GUESS else UNDETERMINED
        best = self._settle(best, sample)
        contradicted = letters >= _ENOUGH_LETTERS and share >= _SURE and hint in self._scripts_by_language
        return best if contradicted and chances[hint] <= _CONTRADICTED else hint

    def _settle(self, best: str, sample: str) -> str:
        """Between languages that share their letters, the one whose telling words the sample has most of."""
        group = next((group for group in self._close if best in group), None)
        if group is None:
            return best
        words = Counter(
            _WORD.findall(unicodedata.normalize("NFKC", sample.lower()).translate(_PERSIAN_LETTERS))
        )
        scores = {language: telling.count(words) for language, telling in group.items()}
        top = max(scores.values())
        # Of those that lead together, the one that the data file names first.
        return next(code for code, score in scores.items() if score == top) if top else best

    def _stated(self, tag: str | None) -> str | None:
        """ISO 639-1 of a BCP 47 tag or an ISO 639-2/3 code; None for one that is not known."""
        if not tag:
            return None
        code = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]
        code = _NEWEST_CODES.get(code) or self._aliases.get(code) or code
        code = _NEWEST_CODES.get(code, code)
        return code if len(code) == 2 and code in self._known else None


class _TellingWords:
    """Words and beginnings of words by which a language is told from its neighbours."""

    def __init__(self, entries: Sequence[str]) -> None:
        folded = [entry.translate(_PERSIAN_LETTERS) for entry in entries]
        self._words = frozenset(entry for entry in folded if not entry.endswith("-"))
        self._beginnings = tuple(entry[:-1] for entry in folded if entry.endswith("-"))

    def count(self, words: Mapping[str, int]) -> int:
        """How many of ``words`` (with their numbers) are telling ones."""
        return sum(n for word, n in words.items() if word in self._words or word.startswith(self._beginnings))


def _sample(fields: Sequence[FieldText]) -> str:
    """The beginning of the article, in one line; the text counts for more than a title."""
    return " ".join(field.clean[:_SAMPLE_CHARS] for field in fields)[:_SAMPLE_CHARS]


def _count_scripts(sample: str) -> Counter[str]:
    scripts: Counter[str] = Counter()
    for char, n in Counter(sample).items():
        script = _BLOCKS[bisect_right(_BLOCK_STARTS, ord(char)) - 1][1]
        if script and unicodedata.category(char)[0] in "LM":
            scripts[script] += 3 * n if script in _DENSE else n
    return scripts


def _read(name: str) -> Any:
    path = resources.files("workers.enrich") / "data" / "languages" / name
    return yaml.safe_load(path.read_text(encoding="utf-8"))
