"""Typed events: who did what to whom, said by whom, and did it happen."""

from workers.enrich.events.coder import code_events
from workers.enrich.events.drafts import EventDraft
from workers.enrich.events.knowledge import EventKnowledge

__all__ = ["EventDraft", "EventKnowledge", "code_events"]
