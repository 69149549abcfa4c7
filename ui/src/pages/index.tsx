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

export const pages: Page[] = [];

/** What a resource shows in the place of a generic page. */
export type Override = { list?: Lazy; create?: Lazy; edit?: Lazy; show?: Lazy };
export const overrides: Record<string, Override> = {};

/** Further tabs of a record's page, behind its details. */
export type RecordTab = { id: string; label: string; component: Lazy<{ record: RaRecord; resource: Resource }> };
export const tabs: Record<string, RecordTab[]> = {};
export const tabsOf = (resource: string): RecordTab[] => tabs[resource] ?? [];

/** The first page after signing in. */
export const Home = lazy(() => import('./home'));
