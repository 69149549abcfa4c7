-- up
-- What was received of an order's line, or shipped, is less what went back from now on.
UPDATE order_lines SET received_quantity = received_quantity - returned_quantity
  WHERE returned_quantity > 0 AND order_id IN (SELECT id FROM orders WHERE order_type = 'purchase');
UPDATE order_lines SET shipped_quantity = shipped_quantity - returned_quantity
  WHERE returned_quantity > 0 AND order_id IN (SELECT id FROM orders WHERE order_type = 'sale');
UPDATE orders SET delivery_status = CASE
    WHEN NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = orders.id AND l.shipped_quantity < l.quantity) THEN 'full'
    WHEN EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = orders.id AND l.shipped_quantity > 0) THEN 'partial'
    ELSE 'none' END
  WHERE order_type = 'sale' AND id IN (SELECT order_id FROM order_lines WHERE returned_quantity > 0);

-- down
UPDATE order_lines SET received_quantity = received_quantity + returned_quantity
  WHERE returned_quantity > 0 AND order_id IN (SELECT id FROM orders WHERE order_type = 'purchase');
UPDATE order_lines SET shipped_quantity = shipped_quantity + returned_quantity
  WHERE returned_quantity > 0 AND order_id IN (SELECT id FROM orders WHERE order_type = 'sale');
UPDATE orders SET delivery_status = CASE
    WHEN NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = orders.id AND l.shipped_quantity < l.quantity) THEN 'full'
    WHEN EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = orders.id AND l.shipped_quantity > 0) THEN 'partial'
    ELSE 'none' END
  WHERE order_type = 'sale' AND id IN (SELECT order_id FROM order_lines WHERE returned_quantity > 0);
