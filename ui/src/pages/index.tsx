import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import type { RaRecord } from 'react-admin';
import { parseDecimal } from '../api/decimal';
import { may, metaNow } from '../meta/store';
import type { Meta, Resource } from '../meta/types';

type Lazy<P = object> = LazyExoticComponent<ComponentType<P>>;

/** One of several pages in a file. */
function part<N extends string, P = object>(load: () => Promise<Record<N, ComponentType<P>>>, name: N): Lazy<P> {
  return lazy(async () => ({ default: (await load())[name] }));
}

/**
 * Pages of their own. Everything else is generic and comes from the metadata.
 *
 * A page appears in the menu of its area for those who may do what it `needs`.
 * Each area's pages are in one file of this folder, loaded when first opened.
 */
export type Page = {
  path: string;
  label: string;
  /** As resources have it: sales, crm, purchasing, stock, manufacturing, money, support, people, reports, administration. */
  area: string;
  /** All of these are needed: ['deals', 'list'] is may('deals', 'list'). */
  needs: [resource: string, verb: string][];
  component: Lazy;
  /** What else has to be so. */
  when?: (meta: Meta) => boolean;
  /** Reached by other ways than the menu. */
  unlisted?: boolean;
};

export const pages: Page[] = [
  { path: '/pos', label: 'Point of sale', area: 'sales', needs: [['sales', 'create'], ['products', 'list']], component: lazy(() => import('./pos')) },
  { path: '/pos/refund', label: 'Past sales', area: 'sales', needs: [['sales', 'list']], component: lazy(() => import('./pos/Refund')), unlisted: true },
  { path: '/goods/receive', label: 'Receiving', area: 'purchasing', needs: [['purchase-orders', 'receive'], ['products', 'list']], component: part<'Receiving'>(() => import('./goods'), 'Receiving') },
  { path: '/goods/ship', label: 'Shipping', area: 'sales', needs: [['sales-orders', 'ship'], ['products', 'list']], component: part<'Shipping'>(() => import('./goods'), 'Shipping') },
  { path: '/stock/reorder', label: 'Reorder proposals', area: 'purchasing', needs: [['reorder-proposals', '']], component: lazy(() => import('./stock/Reorder')) },
  { path: '/stock/alerts', label: 'Inventory alerts', area: 'stock', needs: [['dashboard', 'inventory/alerts'], ['products', 'list']], component: lazy(() => import('./stock/Alerts')) },
  { path: '/stock/valuation', label: 'Stock valuation', area: 'stock', needs: [['reports', 'stock-valuation'], ['products', 'list']], component: lazy(() => import('./stock/Valuation')) },
  { path: '/calendar', label: 'Calendar', area: 'crm', needs: [['activities', 'list']], component: lazy(() => import('./calendar')) },
  { path: '/deals/board', label: 'Deals board', area: 'crm', needs: [['deals', 'list'], ['pipelines', 'list'], ['pipeline-stages', 'list']], component: lazy(() => import('./boards/deals')) },
  { path: '/work-orders/board', label: 'Work orders board', area: 'manufacturing', needs: [['work-orders', 'list']], component: lazy(() => import('./boards/status')) },
  { path: '/settings', label: 'Settings', area: 'administration', needs: [['system-settings', 'get']], component: lazy(() => import('./settings')) },
  { path: '/import', label: 'Import', area: 'administration', needs: [['jobs', 'get']], when: (meta) => meta.resources.some((r) => r.may['import-jobs']), component: lazy(() => import('./import')) },
  { path: '/profile', label: 'Profile', area: 'administration', needs: [], component: lazy(() => import('./settings/profile')), unlisted: true },
];

/** Whether who is signed in may use a page. */
export function usable(p: Page): boolean {
  const meta = metaNow();
  return !!meta && p.needs.every(([resource, verb]) => may(resource, verb)) && (p.when?.(meta) ?? true);
}

/** What a resource shows in the place of a generic page. */
export type Override = { list?: Lazy; create?: Lazy; edit?: Lazy; show?: Lazy };
const Order = lazy(() => import('./orders'));
const RolePage = lazy(() => import('./settings/roles'));
export const overrides: Record<string, Override> = {
  'purchase-orders': { create: Order, edit: Order },
  'sales-orders': { create: Order, edit: Order },
  orders: { create: Order, edit: Order },
  'audit-logs': { list: lazy(() => import('./audit')) },
  roles: { create: RolePage, edit: RolePage, show: RolePage },
};

/** Further tabs of a record's page, behind its details. */
export type TabProps = { record: RaRecord; resource: Resource };
export type RecordTab = { id: string; label: string; component: Lazy<TabProps> };
const timeline: RecordTab = { id: 'timeline', label: 'Timeline', component: lazy(() => import('./timeline')) };
const receiving: RecordTab = { id: 'receive', label: 'Receiving', component: part<'ReceivingTab', TabProps>(() => import('./goods'), 'ReceivingTab') };
const shipping: RecordTab = { id: 'ship', label: 'Shipping', component: part<'ShippingTab', TabProps>(() => import('./goods'), 'ShippingTab') };
export const tabs: Record<string, RecordTab[]> = {
  ...Object.fromEntries(['customers', 'leads', 'deals', 'issues'].map((name) => [name, [timeline]])),
  products: [{ id: 'stock', label: 'Stock card', component: lazy(() => import('./stock/StockCard')) }],
  'purchase-orders': [receiving, timeline],
  'sales-orders': [shipping, timeline],
};
export const tabsOf = (resource: string): RecordTab[] => tabs[resource] ?? [];

/** What usually comes next: a new record that knows already what this one says. */
export type Next = { resource: string; label: string; when?: (record: RaRecord) => boolean; given: (record: RaRecord) => Record<string, unknown> };
const owed = (...states: string[]) => (r: RaRecord) => states.includes(r['status'] as string) && (parseDecimal(r['outstanding_amount'] as string | number | null) ?? 0n) > 0n;
const inFull = (r: RaRecord) => ({ amount: r['outstanding_amount'], allocations: [{ order_id: r.id, amount: r['outstanding_amount'] }] });
const next: Record<string, Next[]> = {
  'sales-orders': [{ resource: 'payments', label: 'Enter a payment', when: owed('confirmed', 'shipped', 'delivered'), given: (r) => ({ payment_type: 'incoming', customer_id: r['customer_id'], ...inFull(r) }) }],
  'purchase-orders': [{ resource: 'payments', label: 'Enter a payment', when: owed('approved', 'received'), given: (r) => ({ payment_type: 'outgoing', vendor_id: r['supplier_id'], ...inFull(r) }) }],
  deals: [{ resource: 'sales-orders', label: 'Take the order', when: (r) => r['status'] === 'won' && !!r['customer_id'], given: (r) => ({ customer_id: r['customer_id'], assigned_to: r['assigned_to'] }) }],
  customers: [{ resource: 'sales-orders', label: 'Take an order', given: (r) => ({ customer_id: r.id }) }],
  vendors: [{ resource: 'purchase-orders', label: 'Order something', given: (r) => ({ supplier_id: r.id }) }],
};
export const nextOf = (resource: string, record: RaRecord): Next[] => (next[resource] ?? []).filter((n) => may(n.resource, 'create') && (n.when?.(record) ?? true));

/** The first page after signing in. */
export const Home = lazy(() => import('./home'));
