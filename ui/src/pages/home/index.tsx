import { Box } from '@mui/material';
import type { ReactNode } from 'react';
import { useT } from '../../i18n';
import { todayIn, useFormat } from '../../i18n/format';
import { fieldOf, may, resourceNow, useMeta } from '../../meta/store';
import { Money } from '../../shared/Money';
import { PageTitle } from '../../shared/PageTitle';
import { listPath, useRead } from '../../shared/useRead';
import { parseDecimal } from '../../api/decimal';
import { ByStatus, DealsByStage, MoneyInAndOut, Revenue, StockAlerts, StockValue, Todo, useShop, type Stats } from './cards';
import { Figure, Figures } from './figures';
import { FirstSteps } from './first';

type Card = { id: string; needs: [string, string][]; body: ReactNode };
type Role = { cards: string[]; figures: string[] };

const BUSINESS: Role = {
  figures: ['revenue', 'orders', 'late', 'low', 'deals'],
  cards: ['revenue', 'money', 'orders', 'stages', 'alerts', 'work', 'activities', 'purchases', 'issues'],
};
/** What each role looks at first. A role of one's own sees whatever it may. */
const ROLES: Record<string, Role> = {
  admin: BUSINESS,
  manager: BUSINESS,
  viewer: { figures: BUSINESS.figures, cards: ['revenue', 'orders', 'stages', 'work', 'alerts', 'issues'] },
  inventory_manager: { figures: ['low', 'toship', 'toreceive'], cards: ['alerts', 'purchases', 'shipping', 'value', 'activities'] },
  salesperson: { figures: ['deals', 'orders', 'late'], cards: ['activities', 'stages', 'leads', 'mydeals', 'unpaid', 'orders'] },
  operator: { figures: ['work', 'latework'], cards: ['mywork', 'ready', 'work', 'activities', 'issues'] },
  staff: { figures: ['work', 'latework'], cards: ['mywork', 'ready', 'work', 'activities', 'issues'] },
};

const open = (name: string) => {
  const r = resourceNow(name);
  const done = new Set(r?.done ?? []);
  return fieldOf(r, r?.status)?.choices?.map((c) => c.name).filter((c) => !done.has(c) && c !== 'cancelled') ?? [];
};

function useCards(): Card[] {
  const t = useT();
  const { caller } = useMeta();
  const todo = (id: string, resource: string, rest: Omit<Parameters<typeof Todo>[0], 'resource'>, verb = 'list'): Card => ({ id, needs: [[resource, verb]], body: <Todo resource={resource} {...rest} /> });
  const due = { field: 'due_date', order: 'ASC' } as const;
  return [
    { id: 'revenue', needs: [['sales-orders', 'list']], body: <Revenue /> },
    { id: 'money', needs: [['payments', 'list']], body: <MoneyInAndOut /> },
    { id: 'orders', needs: [['sales-orders', 'stats']], body: <ByStatus resource="sales-orders" title={t('Sales orders')} /> },
    { id: 'stages', needs: [['deals', 'stats']], body: <DealsByStage /> },
    { id: 'work', needs: [['work-orders', 'stats']], body: <ByStatus resource="work-orders" title={t('Work orders')} /> },
    { id: 'alerts', needs: [['products', 'list'], ['dashboard', 'inventory/alerts']], body: <StockAlerts /> },
    { id: 'value', needs: [['reports', 'stock-valuation']], body: <StockValue /> },
    todo('activities', 'activities', { title: t('Your activities'), filter: { assigned_to: caller.id, status__in: ['scheduled', 'in_progress'] }, sort: { field: 'due_at', order: 'ASC' }, show: 'due_at', note: 'customer_name', empty: t('Nothing is planned for you. Calls, meetings and tasks you plan appear here.') }),
    todo('purchases', 'purchase-orders', { title: t('To be received'), filter: { status__in: ['approved'] }, sort: due, show: 'due_date', note: 'supplier_name', empty: t('No order to a vendor is on its way.') }),
    todo('shipping', 'sales-orders', { title: t('To be shipped'), filter: { status__in: ['confirmed'] }, sort: due, show: 'due_date', note: 'customer_name', empty: t('No confirmed order waits for shipping.') }),
    todo('unpaid', 'sales-orders', { title: t('Waiting for payment'), filter: { status__in: ['shipped', 'delivered'], payment_status__in: ['none', 'partial'] }, sort: due, show: 'outstanding_amount', note: 'customer_name', empty: t('Everything that was shipped is paid.') }),
    todo('leads', 'leads', { title: t('New leads'), filter: { status__in: ['new', 'contacted'] }, sort: { field: 'id', order: 'DESC' }, show: 'status', note: 'company', empty: t('No new leads.') }),
    todo('mydeals', 'deals', { title: t('Your deals to close'), filter: { assigned_to: caller.id, status__in: ['open'] }, sort: { field: 'expected_close_date', order: 'ASC' }, show: 'value', note: 'customer_name', empty: t('No open deal is yours.') }),
    todo('mywork', 'work-orders', { title: t('Your work orders'), filter: { assigned_to: caller.id, status__in: ['ready', 'in_progress', 'paused'] }, sort: due, show: 'status', note: 'product_name', empty: t('No work order is assigned to you.') }),
    todo('ready', 'work-orders', { title: t('Ready to start'), filter: { status__in: ['ready'] }, sort: due, show: 'due_date', note: 'product_name', empty: t('No work order waits to be started.') }),
    todo('issues', 'issues', { title: t('Open issues'), filter: { status__in: ['open', 'in_progress'] }, sort: { field: 'id', order: 'DESC' }, show: 'priority', note: 'title', empty: t('No customer has an open issue.') }),
  ];
}

function Row({ wanted }: { wanted: string[] }) {
  const t = useT();
  const f = useFormat();
  const today = todayIn(f.zone);
  const shows = (id: string, ...needs: [string, string][]) => wanted.includes(id) && needs.every(([r, v]) => may(r, v));
  const orders = useRead<Stats>('sales-orders', 'stats', {}, may('sales-orders', 'stats') && ['orders', 'late', 'toship'].some((x) => wanted.includes(x))).data;
  const purchases = useRead<Stats>('purchase-orders', 'stats', {}, may('purchase-orders', 'stats') && wanted.includes('toreceive')).data;
  const work = useRead<Stats>('work-orders', 'stats', {}, may('work-orders', 'stats') && ['work', 'latework'].some((x) => wanted.includes(x))).data;
  const deals = useRead<{ open: number; value_by_status: Record<string, number | string> }>('deals', 'stats', {}, may('deals', 'stats') && wanted.includes('deals')).data;
  const shop = useShop().data;
  const sum = (m: { sales: string | number | null; orders: string | number | null } | undefined) => (parseDecimal(m?.sales) ?? 0n) + (parseDecimal(m?.orders) ?? 0n);
  const [before, now] = (shop?.revenueByMonth ?? []).slice(-2);
  const text = (d: bigint) => f.money(`${d / 10_000n}.${String(d % 10_000n).padStart(4, '0')}`);
  const late = (r: string, n: number | undefined, label: string) => (
    <Figure label={label} value={f.integer(n ?? 0)} tone={n ? 'danger' : 'neutral'} to={listPath(r, { due_date__lt: today, status__in: open(r) })} hint={n ? t('past the due date') : t('none is late')} />
  );
  const inState = (stats: Stats | undefined, ...states: string[]) => states.reduce((n, s) => n + (stats?.by_status[s] ?? 0), 0);
  return (
    <Figures>
      {shows('revenue', ['sales-orders', 'list']) && shop && <Figure label={t('Revenue this month')} value={text(sum(now))} hint={t('%{amount} the month before', { amount: text(sum(before)) })} to={listPath('sales-orders', { order_date__gte: `${today.slice(0, 7)}-01`, status__in: ['confirmed', 'shipped', 'delivered'] })} />}
      {shows('orders', ['sales-orders', 'stats']) && orders && <Figure label={t('Open orders')} value={f.integer(inState(orders, ...open('sales-orders')))} hint={orders.total ? t('of %{n} in all', { n: f.integer(orders.total) }) : t('none taken yet')} to={listPath('sales-orders', { status__in: open('sales-orders') })} />}
      {shows('late', ['sales-orders', 'stats']) && orders && late('sales-orders', orders.overdue, t('Overdue orders'))}
      {shows('toship', ['sales-orders', 'stats']) && orders && <Figure label={t('To be shipped')} value={f.integer(inState(orders, 'confirmed'))} to={listPath('sales-orders', { status__in: ['confirmed'] })} />}
      {shows('toreceive', ['purchase-orders', 'stats']) && purchases && <Figure label={t('To be received')} value={f.integer(inState(purchases, 'approved'))} to={listPath('purchase-orders', { status__in: ['approved'] })} />}
      {shows('low', ['products', 'list']) && shop && <Figure label={t('Low stock')} value={f.integer(shop.lowStockCount)} tone={shop.lowStockCount ? 'warning' : 'neutral'} hint={t('of %{n} products', { n: f.integer(shop.totalItems) })} to={listPath('products', { low_stock: true })} />}
      {shows('deals', ['deals', 'stats']) && deals && <Figure label={t('Open deals')} value={<Money value={deals.value_by_status['open'] ?? 0} />} hint={t('%{n} deals', { n: f.integer(deals.open) })} to="/deals/board" />}
      {shows('work', ['work-orders', 'stats']) && work && <Figure label={t('Work in progress')} value={f.integer(inState(work, 'in_progress', 'paused'))} hint={t('%{n} ready to start', { n: f.integer(inState(work, 'ready')) })} to="/work-orders/board" />}
      {shows('latework', ['work-orders', 'stats']) && work && late('work-orders', work.overdue, t('Overdue work orders'))}
    </Figures>
  );
}

/** The first page: what this role looks at first, each figure leading to what it counts. */
export default function Home() {
  const t = useT();
  const { caller } = useMeta();
  const cards = useCards().filter((c) => c.needs.every(([r, v]) => may(r, v)));
  const role = ROLES[caller.role] ?? { figures: [...BUSINESS.figures, 'work', 'latework'], cards: cards.map((c) => c.id) };
  const shown = role.cards.map((id) => cards.find((c) => c.id === id)).filter((c) => c !== undefined);
  return (
    <>
      <PageTitle title={t('Welcome, %{name}', { name: caller.full_name || caller.username })} subtitle={caller.organization.name} />
      <FirstSteps />
      <Row wanted={role.figures} />
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))', xl: 'repeat(3, minmax(0, 1fr))' }, gap: 2 }}>
        {shown.map((c) => (
          <Box key={c.id} sx={{ display: 'contents' }}>
            {c.body}
          </Box>
        ))}
      </Box>
    </>
  );
}
