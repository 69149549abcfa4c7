"""Counts of work orders, taken from the table at each request by one pass over the index."""

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from sqlalchemy import bindparam, func, select

from common import Caller, caller, reading
from tables import work_orders

router = APIRouter()
CLOSED = ("completed", "cancelled")

statistics = (
    select(work_orders.c.status, work_orders.c.priority, func.count().label("n"),
           func.count().filter(work_orders.c.due_date < func.current_date()).label("late"))
    .where(work_orders.c.organization_id == bindparam("org"))
    .group_by(work_orders.c.status, work_orders.c.priority))


@router.get("/api/v1/work-orders/stats")
async def work_order_stats(who: Caller = Depends(caller)):
    async with reading.connect() as db:
        rows = (await db.execute(statistics, {"org": who.organization_id})).all()
    by_status, by_priority, total, overdue = {}, {}, 0, 0
    for status, priority, n, late in rows:
        by_status[status] = by_status.get(status, 0) + n
        by_priority[priority] = by_priority.get(priority, 0) + n
        total += n
        overdue += 0 if status in CLOSED else late
    return JSONResponse({"total": total, "by_status": by_status, "by_priority": by_priority, "overdue": overdue})
