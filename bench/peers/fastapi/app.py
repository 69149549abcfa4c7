"""The peer: the measured part of Millwright as a careful team would write it with FastAPI, SQLAlchemy,
asyncpg and PostgreSQL. See ../../README.md for what was tuned and why.

Environment: PEER_DATABASE (an SQLAlchemy URL), PEER_SECRET (the key of the HS256 tokens), PEER_STYLE
(orm or lean: how work orders are read)."""

import gc
import os
from importlib import import_module

from fastapi import FastAPI

import sales
import stats
import writes

app = FastAPI()
app.include_router(stats.router)  # before the reads: /stats is not an id
app.include_router(import_module("reads_" + os.environ["PEER_STYLE"]).router)
app.include_router(writes.router)
app.include_router(sales.router)


@app.on_event("startup")
async def freeze_garbage():
    gc.collect()
    gc.freeze()


@app.get("/health")
async def health():
    return {"status": "ok"}
