"""The peer's tables: what Millwright keeps for a work order, a purchase order, its lines, a number and
the journal, as a PostgreSQL designer would write them. Every tenant's row is found by an index that
starts with its organization."""

from sqlalchemy import (BigInteger, CheckConstraint, Column, Date, DateTime, ForeignKey, ForeignKeyConstraint,
                        Identity, Index, Integer, LargeBinary, MetaData, Numeric, SmallInteger, Table, Text,
                        UniqueConstraint, func)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
decimal = Numeric(19, 4)


def identity():
    return Column("id", BigInteger, Identity(), primary_key=True)


def organization():
    return Column("organization_id", BigInteger, ForeignKey("organizations.id"), nullable=False)


def changed():
    return (Column("version", Integer, nullable=False, server_default="1"),
            Column("created_by", BigInteger, nullable=False),
            Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
            Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()))


organizations = Table("organizations", metadata, identity(), Column("name", Text, nullable=False))

vendors = Table("vendors", metadata, identity(), organization(), Column("name", Text, nullable=False),
                *changed(), UniqueConstraint("organization_id", "id"), UniqueConstraint("organization_id", "name"))

number_series = Table("number_series", metadata,
                      Column("organization_id", BigInteger, ForeignKey("organizations.id"), primary_key=True),
                      Column("name", Text, primary_key=True), Column("last", BigInteger, nullable=False))

work_orders = Table(
    "work_orders", metadata, identity(), organization(),
    Column("wo_number", Text, nullable=False), Column("product_name", Text, nullable=False),
    Column("quantity", decimal, nullable=False), Column("customer_name", Text), Column("description", Text),
    Column("due_date", Date), Column("priority", Text, nullable=False), Column("status", Text, nullable=False),
    Column("progress_percentage", SmallInteger, nullable=False, server_default="0"),
    Column("estimated_completion_date", Date), Column("assigned_to", BigInteger), Column("notes", Text),
    *changed(),
    UniqueConstraint("organization_id", "id"), UniqueConstraint("organization_id", "wo_number"),
    CheckConstraint("quantity > 0"), CheckConstraint("progress_percentage between 0 and 100"),
    # The filtered, sorted page and its count; and, with the priority in it, the statistics.
    Index("work_orders_status_due", "organization_id", "status", "due_date", "id",
          postgresql_include=["priority"]))

orders = Table(
    "orders", metadata, identity(), organization(),
    Column("number", Text, nullable=False), Column("vendor_id", BigInteger, nullable=False),
    Column("order_date", Date, nullable=False), Column("due_date", Date, nullable=False),
    Column("tax_rate", decimal, nullable=False), Column("subtotal", decimal, nullable=False),
    Column("tax_amount", decimal, nullable=False), Column("total_amount", decimal, nullable=False),
    Column("notes", Text), Column("status", Text, nullable=False, server_default="draft"),
    *changed(),
    UniqueConstraint("organization_id", "id"), UniqueConstraint("organization_id", "number"),
    ForeignKeyConstraint(["organization_id", "vendor_id"], ["vendors.organization_id", "vendors.id"]),
    CheckConstraint("due_date >= order_date"), CheckConstraint("total_amount = subtotal + tax_amount"),
    Index("orders_vendor", "organization_id", "vendor_id"),
    Index("orders_status_due", "organization_id", "status", "due_date", "id"))

order_lines = Table(
    "order_lines", metadata, identity(), Column("organization_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False), Column("position", SmallInteger, nullable=False),
    Column("material_code", Text), Column("material_name", Text, nullable=False),
    Column("quantity", decimal, nullable=False), Column("unit_price", decimal, nullable=False),
    Column("amount", decimal, nullable=False),
    ForeignKeyConstraint(["organization_id", "order_id"], ["orders.organization_id", "orders.id"]),
    CheckConstraint("quantity > 0"), Index("order_lines_order", "organization_id", "order_id"))

products = Table(
    "products", metadata, identity(), organization(), Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False), Column("price", decimal, nullable=False), *changed(),
    UniqueConstraint("organization_id", "id"), UniqueConstraint("organization_id", "sku"))


def of_product():
    return (Column("organization_id", BigInteger, nullable=False), Column("product_id", BigInteger, nullable=False),
            ForeignKeyConstraint(["organization_id", "product_id"], ["products.organization_id", "products.id"]))


stock_levels = Table(
    "stock_levels", metadata, identity(), *of_product(), Column("location", Text, nullable=False),
    Column("quantity", decimal, nullable=False), Column("value", decimal, nullable=False),
    UniqueConstraint("organization_id", "product_id", "location"),
    CheckConstraint("location <> 'stock' OR quantity > 0 OR (quantity = 0 AND value = 0)"))

sales = Table(
    "sales", metadata, identity(), organization(), Column("number", Text),
    Column("payment_method", Text, nullable=False), Column("subtotal", decimal, nullable=False),
    Column("tax_amount", decimal, nullable=False), Column("total_amount", decimal, nullable=False), *changed(),
    UniqueConstraint("organization_id", "id"), UniqueConstraint("organization_id", "number"),
    CheckConstraint("total_amount = subtotal + tax_amount"))


def of_sale():
    return (Column("sale_id", BigInteger, nullable=False),
            ForeignKeyConstraint(["organization_id", "sale_id"], ["sales.organization_id", "sales.id"]))


sale_lines = Table(
    "sale_lines", metadata, identity(), *of_product(), *of_sale(), Column("position", SmallInteger, nullable=False),
    Column("sku", Text, nullable=False), Column("name", Text, nullable=False),
    Column("quantity", decimal, nullable=False), Column("unit_price", decimal, nullable=False),
    Column("amount", decimal, nullable=False), Index("sale_lines_sale", "organization_id", "sale_id"))

stock_ledger = Table(
    "stock_ledger", metadata, identity(), *of_product(), *of_sale(), Column("location", Text, nullable=False),
    Column("quantity", decimal, nullable=False), Column("value", decimal, nullable=False),
    Column("level_quantity", decimal, nullable=False), Column("level_value", decimal, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("stock_ledger_product", "organization_id", "product_id", "at", "id"),
    Index("stock_ledger_sale", "organization_id", "sale_id"))

payments = Table(
    "payments", metadata, identity(), organization(), *of_sale(), Column("number", Text, nullable=False),
    Column("method", Text, nullable=False), Column("amount", decimal, nullable=False), *changed(),
    UniqueConstraint("organization_id", "number"), Index("payments_sale", "organization_id", "sale_id"))

journal = Table(
    "journal", metadata, identity(), organization(), Column("actor", BigInteger, nullable=False),
    Column("origin", Text, nullable=False), Column("resource", Text, nullable=False),
    Column("record_id", BigInteger, nullable=False), Column("action", Text, nullable=False),
    Column("changes", JSONB, nullable=False), Column("hash", LargeBinary, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("journal_chain", "organization_id", "id"))
