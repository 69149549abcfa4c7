import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import type { RaRecord } from 'react-admin';
import type { Resource } from '../meta/types';

type Lazy<P = object> = LazyExoticComponent<ComponentType<P>>;

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
  /** Reached by other ways than the menu. */
  unlisted?: boolean;
};

export const pages: Page[] = [
  { path: '/deals/board', label: 'Deals board', area: 'crm', needs: [['deals', 'list'], ['pipelines', 'list'], ['pipeline-stages', 'list']], component: lazy(() => import('./boards/deals')) },
  { path: '/work-orders/board', label: 'Work orders board', area: 'manufacturing', needs: [['work-orders', 'list']], component: lazy(() => import('./boards/status')) },
  { path: '/settings', label: 'Settings', area: 'administration', needs: [['system-settings', 'get']], component: lazy(() => import('./settings')) },
  { path: '/import', label: 'Import', area: 'administration', needs: [['jobs', 'get']], component: lazy(() => import('./import')) },
  { path: '/profile', label: 'Profile', area: 'administration', needs: [], component: lazy(() => import('./settings/profile')), unlisted: true },
];

/** What a resource shows in the place of a generic page. */
export type Override = { list?: Lazy; create?: Lazy; edit?: Lazy; show?: Lazy };
const RolePage = lazy(() => import('./settings/roles'));
export const overrides: Record<string, Override> = {
  'audit-logs': { list: lazy(() => import('./audit')) },
  roles: { create: RolePage, edit: RolePage, show: RolePage },
};

/** Further tabs of a record's page, behind its details. */
export type RecordTab = { id: string; label: string; component: Lazy<{ record: RaRecord; resource: Resource }> };
const timeline: RecordTab = { id: 'timeline', label: 'Timeline', component: lazy(() => import('./timeline')) };
export const tabs: Record<string, RecordTab[]> = Object.fromEntries(['customers', 'leads', 'deals', 'sales-orders', 'purchase-orders', 'issues'].map((name) => [name, [timeline]]));
export const tabsOf = (resource: string): RecordTab[] => tabs[resource] ?? [];

/** The first page after signing in. */
export const Home = lazy(() => import('./home'));
