"""Work orders read the way FastAPI's and SQLAlchemy's own documentation teach: a session per request, mapped
objects, and a response model that validates, prints and documents the answer."""

from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import List, Optional

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import declarative_base, sessionmaker

from common import Caller, caller, reading
from tables import metadata, work_orders

router = APIRouter()
Base = declarative_base(metadata=metadata)
Session = sessionmaker(reading, class_=AsyncSession, expire_on_commit=False, autoflush=False)


class WorkOrder(Base):
    __table__ = work_orders


class WorkOrderAnswer(BaseModel):
    id: int
    wo_number: str
    product_name: str
    quantity: Decimal
    customer_name: Optional[str]
    description: Optional[str]
    due_date: Optional[date]
    priority: str
    status: str
    progress_percentage: int
    estimated_completion_date: Optional[date]
    assigned_to: Optional[int]
    notes: Optional[str]
    version: int
    created_by: int
    created_at: datetime
    updated_at: datetime

    class Config:
        orm_mode = True


class WorkOrderPage(BaseModel):
    items: List[WorkOrderAnswer]
    total: int
    page: int
    page_size: int
    pages: int


async def session():
    async with Session() as db:
        yield db


@router.get("/api/v1/work-orders/{id}", response_model=WorkOrderAnswer)
async def get_work_order(id: int, who: Caller = Depends(caller), db: AsyncSession = Depends(session)):
    found = await db.execute(select(WorkOrder).where(WorkOrder.organization_id == who.organization_id,
                                                     WorkOrder.id == id))
    work_order = found.scalar_one_or_none()
    if work_order is None:
        raise HTTPException(404, "not found")
    return work_order


@router.get("/api/v1/work-orders", response_model=WorkOrderPage)
async def list_work_orders(status: Optional[str] = None, priority: Optional[str] = None, ordering: str = "id",
                           page: int = Query(1, ge=1), page_size: int = Query(50, ge=1, le=1000),
                           who: Caller = Depends(caller), db: AsyncSession = Depends(session)):
    where = [WorkOrder.organization_id == who.organization_id]
    if status:
        where.append(WorkOrder.status == status)
    if priority:
        where.append(WorkOrder.priority == priority)
    column = work_orders.c.get(ordering.lstrip("-"))
    if column is None:
        raise HTTPException(400, "unknown ordering")
    order = [column.desc(), WorkOrder.id.desc()] if ordering.startswith("-") else [column, WorkOrder.id]
    # The page's ids come from the index alone, and only its 50 rows from the table.
    ids = select(WorkOrder.id).where(*where).order_by(*order).limit(page_size).offset((page - 1) * page_size)
    rows = select(WorkOrder).where(WorkOrder.organization_id == who.organization_id,
                                   WorkOrder.id.in_(ids)).order_by(*order)
    total = (await db.execute(select(func.count()).select_from(WorkOrder).where(*where))).scalar_one()
    items = (await db.execute(rows)).scalars().all()
    return {"items": items, "total": total, "page": page, "page_size": page_size, "pages": ceil(total / page_size)}
