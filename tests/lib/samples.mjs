// Request bodies for tests that need some record, and a seeded random source.

let n = 0;

/** Three lines: 500 × 2.35 = 1175, 20 × 48.5 = 970, 3 × 0.335 = 1.005 → 1.01. */
export const threeLines = () => [
  { material_code: 'YARN-40S', material_name: 'Cotton yarn 40s', quantity: 500, unit_price: 2.35 },
  { material_code: 'DYE-BLUE', material_name: 'Reactive dye blue', quantity: 20, unit_price: 48.5 },
  { material_code: 'BTN-12', material_name: 'Button 12 mm', quantity: 3, unit_price: 0.335 },
];

export const line = (over = {}) => ({ material_code: 'M-1', material_name: 'Material', quantity: 1, unit_price: 10, ...over });

export const purchaseOrder = (over = {}) => ({
  supplier_name: 'Kiran Yarns', po_date: '2026-01-15', due_date: '2026-02-15', tax_rate: 18,
  line_items: threeLines(), ...over,
});

export const salesLine = (over = {}) => ({ product_code: 'SHEET', product_name: 'Bed sheet', quantity: 2, unit_price: 25, ...over });

export const salesOrder = (over = {}) => ({
  customer_name: 'Meridian Garments Ltd', order_date: '2026-01-15', due_date: '2026-02-15',
  line_items: [salesLine()], ...over,
});

export const workOrder = (over = {}) => ({ product_name: 'Bed sheet 60 × 90', quantity: 250, ...over });

export const product = (over = {}) => ({ sku: `SKU-${++n}`, name: 'Cotton yarn 40s', ...over });

/** The same numbers at every run (mulberry32), so that a failure can be repeated. */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit) => Math.floor(next() * limit);
  return { next, below, pick: (list) => list[below(list.length)], chance: (p) => next() < p };
}
