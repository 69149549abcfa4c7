"""Work orders read the lean way: SQLAlchemy's core, rows printed by hand, no response model. Some teams do this
where it matters most; it gives up the ORM's objects and the documented, validated answer."""

from math import ceil
from typing import Optional

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import JSONResponse
from sqlalchemy import bindparam, func, select

from common import Caller, caller, document, reading
from tables import work_orders

router = APIRouter()
columns = [column for column in work_orders.c if column.name != "organization_id"]
# Built once; SQLAlchemy then keeps the compiled form.
one_work_order = select(columns).where(work_orders.c.organization_id == bindparam("org"),
                                       work_orders.c.id == bindparam("id"))


@router.get("/api/v1/work-orders/{id}")
async def get_work_order(id: int, who: Caller = Depends(caller)):
    async with reading.connect() as db:
        row = (await db.execute(one_work_order, {"org": who.organization_id, "id": id})).first()
    if row is None:
        raise HTTPException(404, "not found")
    return JSONResponse(document(row))


@router.get("/api/v1/work-orders")
async def list_work_orders(status: Optional[str] = None, priority: Optional[str] = None, ordering: str = "id",
                           page: int = Query(1, ge=1), page_size: int = Query(50, ge=1, le=1000),
                           who: Caller = Depends(caller)):
    where = [work_orders.c.organization_id == who.organization_id]
    if status:
        where.append(work_orders.c.status == status)
    if priority:
        where.append(work_orders.c.priority == priority)
    column = work_orders.c.get(ordering.lstrip("-"))
    if column is None:
        raise HTTPException(400, "unknown ordering")
    order = [column.desc(), work_orders.c.id.desc()] if ordering.startswith("-") else [column, work_orders.c.id]
    # The page's ids come from the index alone, and only its 50 rows from the table.
    ids = select(work_orders.c.id).where(*where).order_by(*order).limit(page_size).offset((page - 1) * page_size)
    rows = select(columns).where(work_orders.c.organization_id == who.organization_id,
                                 work_orders.c.id.in_(ids)).order_by(*order)
    async with reading.connect() as db:
        total = (await db.execute(select(func.count()).select_from(work_orders).where(*where))).scalar_one()
        items = [document(row) for row in (await db.execute(rows)).all()]
    return JSONResponse({"items": items, "total": total, "page": page, "page_size": page_size,
                         "pages": ceil(total / page_size)})
