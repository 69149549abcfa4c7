"""Creating purchase orders and work orders: SQLAlchemy's core rather than its unit of work, which would insert
an order's lines one round trip at a time."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from json import dumps
from typing import List, Optional

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import bindparam, func, insert, select, update

from common import Caller, caller, document, engine, plain
from tables import journal, number_series, order_lines, orders, vendors, work_orders

router = APIRouter()
CENT = Decimal("0.01")

# One writer per organization from the number to the commit: the journal is a chain.
take_number = (
    update(number_series).values(last=number_series.c.last + 1)
    .where(number_series.c.organization_id == bindparam("org"), number_series.c.name == bindparam("series"))
    .returning(number_series.c.last, func.pg_advisory_xact_lock(bindparam("org"))))
last_hash = (select(journal.c.hash).where(journal.c.organization_id == bindparam("org"))
             .order_by(journal.c.id.desc()).limit(1))
find_vendor = select(vendors.c.id, vendors.c.name).where(vendors.c.organization_id == bindparam("org"),
                                                         vendors.c.id == bindparam("id"))
add_order = insert(orders).returning(orders.c.id, orders.c.version, orders.c.status, orders.c.created_at,
                                     orders.c.updated_at)
add_work_order = insert(work_orders).returning(*(it for it in work_orders.c if it.name != "organization_id"))


async def next_number(db, who: Caller, series: str) -> str:
    last = (await db.execute(take_number, {"org": who.organization_id, "series": series})).scalar_one()
    return f"{series}-{last:06d}"


async def record(db, who: Caller, resource: str, id: int, changes: dict):
    """Appends the journal's row; its hash covers the row before it."""
    before = (await db.execute(last_hash, {"org": who.organization_id})).scalar() or b""
    text = dumps([who.organization_id, who.user_id, "session", resource, id, "create", changes], sort_keys=True,
                 default=plain)
    await db.execute(insert(journal), {
        "organization_id": who.organization_id, "actor": who.user_id, "origin": "session", "resource": resource,
        "record_id": id, "action": "create", "changes": changes, "hash": sha256(before + text.encode()).digest()})


class WorkOrder(BaseModel):
    product_name: str = Field(min_length=1, max_length=255)
    quantity: Decimal = Field(gt=0, max_digits=19, decimal_places=4)
    customer_name: Optional[str] = None
    description: Optional[str] = None
    due_date: Optional[date] = None
    priority: str = Field("medium", regex="^(low|medium|high|urgent)$")
    status: str = Field("draft", regex="^(draft|pending|ready|in_progress|paused|completed|cancelled)$")


@router.post("/api/v1/work-orders", status_code=201)
async def create_work_order(body: WorkOrder, who: Caller = Depends(caller)):
    async with engine.begin() as db:
        number = await next_number(db, who, "WO")
        values = dict(body.dict(), wo_number=number, organization_id=who.organization_id, created_by=who.user_id)
        row = document((await db.execute(add_work_order, values)).one())
        await record(db, who, "work_orders", row["id"], row)
    return JSONResponse(row, 201)


class Line(BaseModel):
    material_code: Optional[str] = Field(None, max_length=64)
    material_name: str = Field(min_length=1, max_length=255)
    quantity: Decimal = Field(gt=0, max_digits=19, decimal_places=4)
    unit_price: Decimal = Field(ge=0, max_digits=19, decimal_places=4)


class PurchaseOrder(BaseModel):
    supplier_id: int
    po_date: date
    due_date: date
    tax_rate: Decimal = Field(0, ge=0, le=100)
    notes: Optional[str] = None
    line_items: List[Line] = Field(min_items=1, max_items=1000)


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


@router.post("/api/v1/purchase-orders", status_code=201)
async def create_purchase_order(body: PurchaseOrder, who: Caller = Depends(caller)):
    if body.due_date < body.po_date:
        raise HTTPException(422, "due_date is before po_date")
    lines = [dict(line.dict(), position=i + 1, amount=cents(line.quantity * line.unit_price))
             for i, line in enumerate(body.line_items)]
    subtotal = sum(line["amount"] for line in lines)
    tax = cents(subtotal * body.tax_rate / 100)
    head = {"vendor_id": body.supplier_id, "order_date": body.po_date, "due_date": body.due_date,
            "tax_rate": body.tax_rate, "subtotal": subtotal, "tax_amount": tax, "total_amount": subtotal + tax,
            "notes": body.notes}
    async with engine.begin() as db:
        vendor = (await db.execute(find_vendor, {"org": who.organization_id, "id": body.supplier_id})).first()
        if vendor is None:
            raise HTTPException(422, "unknown supplier_id")
        # Everything that needs no lock is done: the number comes last.
        number = await next_number(db, who, "PO")
        made = (await db.execute(add_order, dict(head, number=number, organization_id=who.organization_id,
                                                 created_by=who.user_id))).one()
        await db.execute(insert(order_lines), [
            dict(line, organization_id=who.organization_id, order_id=made.id) for line in lines])
        printed = {name: plain(value) for name, value in head.items()}
        printed["line_items"] = [{name: plain(value) for name, value in line.items()} for line in lines]
        await record(db, who, "purchase_orders", made.id, printed)
    return JSONResponse({**document(made), "po_number": number, "supplier_id": vendor.id,
                         "supplier_name": vendor.name, "po_date": printed.pop("order_date"), **printed}, 201)
