"""The labels of the network's heads, in the order of their scores."""

from __future__ import annotations

from typing import Final

ENTITY_LABELS: Final = ("PER", "ORG", "LOC")
# Outside, then for each type the first piece of a mention and a further one (Ramshaw and Marcus 1995).
MENTION_LABELS: Final = ("O", *(f"{part}-{label}" for label in ENTITY_LABELS for part in "BI"))
# Letters at the head of a mention's first piece that are no part of the name: "ب" in "ببغداد".
CLITIC_LENGTHS: Final = (0, 1, 2)

# The 16 event types of PLOVER behind "none"; a trigger is the word that carries an event.
TRIGGER_LABELS: Final = (
    "O",
    "AGREE",
    "CONSULT",
    "SUPPORT",
    "CONCEDE",
    "COOPERATE",
    "AID",
    "RETREAT",
    "REQUEST",
    "ACCUSE",
    "REJECT",
    "THREATEN",
    "PROTEST",
    "SANCTION",
    "MOBILIZE",
    "COERCE",
    "ASSAULT",
)
STATUS_LABELS: Final = ("asserted", "future", "hypothetical", "negated", "historical")
# Modes of all types behind "none"; which of them a type has stands in plover.yaml.
MODE_LABELS: Final = (
    "none",
    *("meet", "aid", "mediate", "settle", "concede", "cooperate"),
    *("visit", "third-party", "multilateral", "phone"),
    *("ceasefire", "release", "withdraw", "return", "disarm", "access", "resign"),
    *("assist", "change", "yield"),
    *("disapprove", "investigate", "allege"),
    *("restrict", "ban", "arrest", "relations", "expel", "territory", "violence"),
    *("demo", "riot", "strike", "hunger", "boycott", "obstruct"),
    *("convict", "discontinue", "troops", "weapons", "police", "militia"),
    *("seize", "censor", "curfew", "deport", "withhold", "misinformation", "cyber"),
    *("abduct", "beat", "torture", "execute", "sexual", "assassinate", "destroy", "primitive", "firearms"),
    *("explosives", "suicide-attack", "aerial", "drone", "heavy-weapons", "crowd-control", "cleansing"),
    *("massacre", "unconventional"),
)
# Who does what part in an event, and where; scored for each pair of a trigger and a piece.
ROLE_LABELS: Final = ("actor", "recipient", "speaker", "place")
ROLE_SIZE: Final = 32
SECTOR_LABELS: Final = (
    *("UNK", "GOV", "LEG", "JUD", "MIL", "COP", "INT", "PTY", "REB", "CVL", "REL", "MED", "BUS", "EDU"),
    *("LAB", "IGO", "NGO"),
)

# How many scores each head has, in the order of the network's output.
HEAD_SIZES: Final = {
    "mentions": len(MENTION_LABELS),
    "clitics": len(CLITIC_LENGTHS),
    "triggers": len(TRIGGER_LABELS),
    "statuses": len(STATUS_LABELS),
    "modes": len(MODE_LABELS),
    "sectors": len(SECTOR_LABELS),
    "role_queries": len(ROLE_LABELS) * ROLE_SIZE,
    "role_keys": len(ROLE_LABELS) * ROLE_SIZE,
}
