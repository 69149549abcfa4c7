"""What every part of the peer uses: the connections, who is asking, and how values are printed."""

import os
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import jwt
from fastapi import HTTPException, Request
from sqlalchemy.ext.asyncio import create_async_engine

SECRET = os.environ["PEER_SECRET"]

# Each of the two workers keeps its own connections; asyncpg prepares each statement once per connection.
engine = create_async_engine(os.environ["PEER_DATABASE"], pool_size=10, max_overflow=0, pool_timeout=60)
# Reads need no BEGIN and ROLLBACK around them: two round trips less.
reading = engine.execution_options(isolation_level="AUTOCOMMIT")


class Caller(NamedTuple):
    user_id: int
    organization_id: int


async def caller(request: Request) -> Caller:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        if kind != "Bearer":
            raise jwt.InvalidTokenError
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["exp", "sub", "org"]})
    except jwt.InvalidTokenError:
        raise HTTPException(401, "invalid or expired token")
    return Caller(int(claims["sub"]), claims["org"])


def plain(value):
    """What json prints for a value of a row."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def document(row) -> dict:
    return {name: plain(value) for name, value in row._mapping.items()}
