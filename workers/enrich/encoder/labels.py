"""The labels of the network's heads, in the order of their scores."""

from __future__ import annotations

from typing import Final

ENTITY_LABELS: Final = ("PER", "ORG", "LOC")
# Outside, then for each type the first piece of a mention and a further one (Ramshaw and Marcus 1995).
MENTION_LABELS: Final = ("O", *(f"{part}-{label}" for label in ENTITY_LABELS for part in "BI"))
# Letters at the head of a mention's first piece that are no part of the name: "ب" in "ببغداد".
CLITIC_LENGTHS: Final = (0, 1, 2)
