"""Creates the peer's tables and copies the work orders of a CSV file into them.

    load.py FILE.csv    (columns: wo_number, product_name, quantity, customer_name, description, due_date,
                         priority, status; PEER_DATABASE as for app.py)"""

import asyncio
import os
import sys

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import create_async_engine

from tables import metadata, number_series, organizations, products, stock_levels, vendors

COLUMNS = ("wo_number", "product_name", "quantity", "customer_name", "description", "due_date", "priority", "status")


async def load(path: str):
    engine = create_async_engine(os.environ["PEER_DATABASE"])
    async with engine.begin() as db:
        await db.run_sync(metadata.create_all)
        await db.execute(insert(organizations), [{"name": "Bench"}, {"name": "Another"}])
        await db.execute(insert(vendors), {"organization_id": 1, "name": "Steel & Sons", "created_by": 1})
        # COPY cannot supply what the file lacks.
        for column in ("organization_id", "created_by"):
            await db.execute(text(f"ALTER TABLE work_orders ALTER {column} SET DEFAULT 1"))
        raw = (await db.get_raw_connection()).driver_connection
        await raw.copy_to_table("work_orders", source=path, columns=COLUMNS, format="csv")
        for column in ("organization_id", "created_by"):
            await db.execute(text(f"ALTER TABLE work_orders ALTER {column} DROP DEFAULT"))
        count = (await db.execute(text("SELECT count(*) FROM work_orders"))).scalar_one()
        await db.execute(insert(number_series), [{"organization_id": 1, "name": name, "last": last} for name, last in
                                                 (("WO", count), ("PO", 0), ("SAL", 0), ("PAY", 0))])
        await db.execute(insert(products), [
            {"organization_id": 1, "sku": f"SKU-{i:04d}", "name": f"Product {i}", "price": 10 + i % 7, "created_by": 1}
            for i in range(1000)])
        await db.execute(insert(stock_levels), [
            {"organization_id": 1, "product_id": i + 1, "location": location, "quantity": sign * 10000000,
             "value": sign * 50000000} for i in range(1000) for location, sign in (("stock", 1), ("customers", -1))])
    # Statistics for the planner, and the visibility map that index-only scans need.
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
        await db.execute(text("VACUUM ANALYZE"))
        await db.execute(text("CHECKPOINT"))
    await engine.dispose()


asyncio.run(load(sys.argv[1]))
