"""Selling at the counter: stock out by guarded updates, two ledger rows a line, the sale with its lines, the
payment and the journal, in one transaction. Products are updated in the order of their ids, so that two sales
never wait for each other in a circle."""

from decimal import Decimal
from typing import List

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import bindparam, case, func, insert, select, update

from common import Caller, caller, document, engine, plain
from tables import payments, products, sale_lines, sales, stock_ledger, stock_levels
from writes import cents, next_number, record

router = APIRouter()

find_products = select(products.c.id, products.c.sku, products.c.name, products.c.price).where(
    products.c.organization_id == bindparam("org"), products.c.id == func.any(bindparam("ids")))
# The moving average: the last unit takes what is left.
worth = case((stock_levels.c.quantity == bindparam("q"), stock_levels.c.value),
             else_=func.trunc(stock_levels.c.value * bindparam("q") / stock_levels.c.quantity, 4))
old = stock_levels.alias("old")
take_stock = (
    update(stock_levels).values(quantity=stock_levels.c.quantity - bindparam("q"), value=stock_levels.c.value - worth)
    .where(stock_levels.c.organization_id == bindparam("org"), stock_levels.c.product_id == bindparam("product"),
           stock_levels.c.location == "stock", stock_levels.c.quantity >= bindparam("q"),
           old.c.id == stock_levels.c.id)
    .returning(stock_levels.c.quantity, stock_levels.c.value, (old.c.value - stock_levels.c.value).label("worth")))
give_stock = (
    update(stock_levels).values(quantity=stock_levels.c.quantity + bindparam("q"),
                                value=stock_levels.c.value + bindparam("worth"))
    .where(stock_levels.c.organization_id == bindparam("org"), stock_levels.c.product_id == bindparam("product"),
           stock_levels.c.location == "customers")
    .returning(stock_levels.c.quantity, stock_levels.c.value))
add_sale = insert(sales).returning(sales.c.id, sales.c.created_at)


class Line(BaseModel):
    product_id: int
    quantity: Decimal = Field(gt=0, max_digits=19, decimal_places=4)


class Sale(BaseModel):
    payment_method: str = "cash"
    lines: List[Line] = Field(min_items=1, max_items=500)


async def move(db, who: Caller, line: dict, sale_id: int):
    where = {"org": who.organization_id, "product": line["product_id"], "q": line["quantity"]}
    left = (await db.execute(take_stock, where)).first()
    if left is None:
        raise HTTPException(409, f"not enough of {line['sku']} is available")
    there = (await db.execute(give_stock, dict(where, worth=left.worth))).one()
    common = {"organization_id": who.organization_id, "product_id": line["product_id"], "sale_id": sale_id}
    await db.execute(insert(stock_ledger), [
        dict(common, location="stock", quantity=-line["quantity"], value=-left.worth,
             level_quantity=left.quantity, level_value=left.value),
        dict(common, location="customers", quantity=line["quantity"], value=left.worth,
             level_quantity=there.quantity, level_value=there.value)])


@router.post("/api/v1/sales", status_code=201)
async def create_sale(body: Sale, who: Caller = Depends(caller)):
    async with engine.begin() as db:
        ids = [line.product_id for line in body.lines]
        found = {it.id: it for it in (await db.execute(find_products, {"org": who.organization_id, "ids": ids}))}
        if len(found) != len(set(ids)):
            raise HTTPException(422, "unknown product_id")
        lines = [{"product_id": line.product_id, "sku": found[line.product_id].sku, "name": found[line.product_id].name,
                  "quantity": line.quantity, "unit_price": found[line.product_id].price, "position": i + 1,
                  "amount": cents(line.quantity * found[line.product_id].price)} for i, line in enumerate(body.lines)]
        total = sum(line["amount"] for line in lines)
        head = {"subtotal": total, "tax_amount": Decimal(0), "total_amount": total, "payment_method": body.payment_method}
        made = (await db.execute(add_sale, dict(head, organization_id=who.organization_id,
                                                created_by=who.user_id))).one()
        for line in sorted(lines, key=lambda it: it["product_id"]):
            await move(db, who, line, made.id)
        await db.execute(insert(sale_lines), [
            dict(line, organization_id=who.organization_id, sale_id=made.id) for line in lines])
        # The locks of the whole organization come last: the numbers, and with the first of them the journal.
        number = await next_number(db, who, "SAL")
        paid = await next_number(db, who, "PAY")
        await db.execute(update(sales).where(sales.c.id == made.id).values(number=number))
        await db.execute(insert(payments), {"organization_id": who.organization_id, "number": paid, "sale_id": made.id,
                                            "method": body.payment_method, "amount": total, "created_by": who.user_id})
        printed = {name: plain(value) for name, value in head.items()}
        printed["lines"] = [{name: plain(value) for name, value in line.items()} for line in lines]
        await record(db, who, "sales", made.id, printed)
    return JSONResponse({**document(made), "sale_number": number, **printed}, 201)
