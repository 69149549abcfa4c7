import { Box, Link, Skeleton, Typography } from '@mui/material';
import { useMemo, type ReactNode } from 'react';
import { useGetList, type RaRecord } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { fieldOf, useResource } from '../../meta/store';
import type { Resource } from '../../meta/types';
import { titleOf } from '../../generic/titles';
import { FieldValue } from '../../generic/values';
import { Chart, Panel } from '../../shared/Chart';
import { listPath, useRead } from '../../shared/useRead';
import { monthEnd, useShort } from './dates';

export type Shop = {
  totalItems: number | null;
  totalRevenue: number | string | null;
  lowStockCount: number | null;
  lowStockItems: { id: number; name: string; sku: string; quantity: number | string }[];
  revenueByMonth: { month: string; sales: number | string | null; orders: number | string | null }[];
};
export type Stats = { total: number; overdue?: number; by_status: Record<string, number>; total_amount?: number | string; total_amount_by_status?: Record<string, number | string> };

export const useShop = () => useRead<Shop>('dashboard-stats', '');

/** Sales and orders of twelve months; a bar leads to what it is made of. */
export function Revenue() {
  const t = useT();
  const f = useFormat();
  const short = useShort();
  const { data, isPending } = useShop();
  const months = data?.revenueByMonth ?? [];
  const kinds = [
    { member: 'orders' as const, resource: 'sales-orders', date: 'order_date', name: t('Orders'), more: { status__in: ['confirmed', 'shipped', 'delivered'] } },
    { member: 'sales' as const, resource: 'sales', date: 'sale_date', name: t('Counter sales'), more: {} },
  ].filter((k) => months.some((m) => m[k.member] !== null));
  const name = new Intl.DateTimeFormat(f.locale, { month: 'short', year: '2-digit', timeZone: 'UTC' });
  const labels = useMemo(() => months.map((m) => name.format(new Date(`${m.month}-01T00:00:00Z`))), [data, f.locale]);
  const series = useMemo(() => kinds.map((k) => ({ name: k.name, values: months.map((m) => m[k.member] ?? 0) })), [data, f.locale]);
  return (
    <Chart
      wide
      title={t('Revenue by month')}
      by={t('Month')}
      kind="bar"
      stacked
      labels={labels}
      series={series}
      format={f.money}
      short={short}
      loading={isPending}
      to={(i, s) => {
        const [kind, month] = [kinds[s], months[i]?.month];
        return kind && month ? listPath(kind.resource, { ...kind.more, [`${kind.date}__gte`]: `${month}-01`, [`${kind.date}__lte`]: monthEnd(month) }) : undefined;
      }}
      empty={<Typography color="text.secondary">{t('Confirmed orders and counter sales will appear here, month by month.')}</Typography>}
    />
  );
}

/** How many records are in each state. */
export function ByStatus({ resource: name, title }: { resource: string; title: string }) {
  const t = useT();
  const f = useFormat();
  const resource = useResource(name);
  const { data, isPending } = useRead<Stats>(name, 'stats');
  const field = fieldOf(resource, resource?.status);
  const choices = (field?.choices ?? []).filter((c) => c.name in (data?.by_status ?? {}));
  const labels = useMemo(() => choices.map((c) => t(c.label)), [data, t]);
  const series = useMemo(() => [{ name: t('Number'), values: choices.map((c) => data?.by_status[c.name] ?? 0) }], [data, t]);
  return (
    <Chart
      title={title}
      by={field ? t(field.label) : ''}
      kind="bar"
      sideways
      labels={labels}
      series={series}
      format={f.integer}
      loading={isPending}
      to={(i) => (choices[i] && field ? listPath(name, { [`${field.name}__in`]: [choices[i].name] }) : undefined)}
      empty={resource?.may.create && <Nothing resource={resource} />}
    />
  );
}

type Stage = { stage_id: number; stage_name: string; count: number; total_value: number | string };

export function DealsByStage() {
  const t = useT();
  const f = useFormat();
  const short = useShort();
  const resource = useResource('deals');
  const { data, isPending } = useRead<{ by_stage: Stage[] }>('deals', 'stats');
  const stages = useMemo(() => (data?.by_stage ?? []).filter((s) => !/closed (won|lost)/i.test(s.stage_name)), [data]);
  const labels = useMemo(() => stages.map((s) => t(s.stage_name)), [stages, t]);
  const series = useMemo(() => [{ name: t('Value'), values: stages.map((s) => s.total_value) }], [stages, t]);
  return (
    <Chart
      title={t('Deals by stage')}
      by={t('Stage')}
      kind="bar"
      sideways
      labels={labels}
      series={series}
      format={f.money}
      short={short}
      loading={isPending}
      to={(i) => (stages[i] ? listPath('deals', { stage_id: stages[i].stage_id }) : undefined)}
      empty={resource?.may.create && <Nothing resource={resource} />}
    />
  );
}

export function MoneyInAndOut() {
  const t = useT();
  const f = useFormat();
  const short = useShort();
  const { data, isPending } = useRead<{ by_month: { month: string; incoming: number | string; outgoing: number | string }[] }>('payments', 'stats');
  const months = data?.by_month ?? [];
  const name = new Intl.DateTimeFormat(f.locale, { month: 'short', timeZone: 'UTC' });
  const labels = useMemo(() => months.map((m) => name.format(new Date(`${m.month}-01T00:00:00Z`))), [data, f.locale]);
  const kinds = ['incoming', 'outgoing'] as const;
  const series = useMemo(() => kinds.map((k) => ({ name: t(k === 'incoming' ? 'Received' : 'Paid'), values: months.map((m) => m[k]) })), [data, t]);
  return (
    <Chart
      title={t('Money in and out')}
      by={t('Month')}
      kind="bar"
      labels={labels}
      series={series}
      format={f.money}
      short={short}
      loading={isPending}
      to={(i, s) => (months[i] ? listPath('payments', { payment_type__in: [kinds[s]], payment_date__gte: `${months[i].month}-01`, payment_date__lte: monthEnd(months[i].month) }) : undefined)}
    />
  );
}

type Alert = { product_id: number; item_id: string; item_name: string; available: number | string; reorder_level: number | string; unit: string | null; status: string; lot: string | null; best_before: string | null };

/** What is out, low, expired or expiring: the worst first. */
export function StockAlerts() {
  const t = useT();
  const f = useFormat();
  const { data, isPending } = useRead<Alert[]>('dashboard', 'inventory/alerts', { page_size: 8 });
  const words: Record<string, string> = { out_of_stock: 'out of stock', low_stock: 'low', expired: 'expired', expiring: 'expires soon' };
  return (
    <Panel title={t('Stock to look at')} action={<More to="/stock/alerts" text={t('All alerts')} />}>
      {isPending && <Rows />}
      {data && !data.length && <Typography color="text.secondary">{t('Nothing is low, out of stock or about to expire.')}</Typography>}
      <Lines>
        {(data ?? []).map((a) => (
          <Line key={`${a.product_id} ${a.lot ?? ''}`} to={`/products/${a.product_id}/show`} title={a.item_name} note={[a.item_id, a.lot, a.best_before && f.date(a.best_before)].filter(Boolean).join(' · ')}>
            <b>{t(words[a.status] ?? a.status)}</b>
            <br />
            {t('%{n} of %{level}', { n: f.quantity(a.available), level: f.quantity(a.reorder_level) })} {a.unit}
          </Line>
        ))}
      </Lines>
    </Panel>
  );
}

export function StockValue() {
  const t = useT();
  const f = useFormat();
  const short = useShort();
  const { data, isPending } = useRead<{ by_category: { category: string | null; value: number | string }[] }>('reports', 'stock-valuation', { page_size: 1 });
  const all = useMemo(() => [...(data?.by_category ?? [])].sort((a, b) => Number(b.value) - Number(a.value)), [data]);
  const labels = useMemo(() => all.map((c) => c.category ?? t('without a category')), [all, t]);
  const series = useMemo(() => [{ name: t('Value'), values: all.map((c) => c.value) }], [all, t]);
  return <Chart title={t('Stock value by category')} by={t('Category')} kind="bar" sideways labels={labels} series={series} format={f.money} short={short} loading={isPending} to={(i) => (all[i]?.category ? listPath('products', { category__contains: all[i].category }) : undefined)} />;
}

type ListCard = { resource: string; title: string; filter: Record<string, unknown>; sort: { field: string; order: 'ASC' | 'DESC' }; show: string; empty: string; note?: string };

/** The first few records of a list that somebody works off. */
export function Todo({ resource: name, title, filter, sort, show, empty, note }: ListCard) {
  const t = useT();
  const resource = useResource(name);
  const { data, total, isPending } = useGetList<RaRecord>(name, { filter, sort, pagination: { page: 1, perPage: 6 } }, { retry: false });
  if (!resource) return null;
  const field = fieldOf(resource, show);
  return (
    <Panel title={total ? `${title} (${total})` : title} action={!!total && <More to={listPath(name, filter)} text={t('Open the list')} label={title} />}>
      {isPending && <Rows />}
      {!isPending && !data?.length && <Typography color="text.secondary">{empty}</Typography>}
      <Lines>
        {(data ?? []).map((record) => (
          <Line key={String(record.id)} to={`/${name}/${record.id}/show`} title={titleOf(resource, record)} note={note ? String(record[note] ?? '') : undefined}>
            {field && <FieldValue field={field} record={record} plain />}
          </Line>
        ))}
      </Lines>
    </Panel>
  );
}

const Nothing = ({ resource }: { resource: Resource }) => {
  const t = useT();
  return (
    <Typography color="text.secondary">
      {t('Nothing here yet.')}{' '}
      <Link component={RouterLink} to={`/${resource.name}/create`}>
        {t('New: %{name}', { name: t(resource.label) })}
      </Link>
    </Typography>
  );
};

const Rows = () => <>{[1, 2, 3].map((i) => <Skeleton key={i} height={44} />)}</>;
const Lines = ({ children }: { children: ReactNode }) => (
  <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
    {children}
  </Box>
);

function Line({ to, title, note, children }: { to: string; title: string; note?: string; children: ReactNode }) {
  return (
    <Box component="li" sx={{ display: 'flex', justifyContent: 'space-between', gap: 2, py: 0.75, borderTop: 1, borderColor: 'divider', fontSize: '0.875rem' }}>
      <Box sx={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Link component={RouterLink} to={to} sx={{ fontWeight: 600 }}>
          {title}
        </Link>
        {note && (
          <Typography variant="body2" color="text.secondary">
            {note}
          </Typography>
        )}
      </Box>
      <Box sx={{ textAlign: 'right', flex: 'none' }}>{children}</Box>
    </Box>
  );
}

const More = ({ to, text, label }: { to: string; text: string; label?: string }) => (
  <Link component={RouterLink} to={to} aria-label={label ? `${text}: ${label}` : undefined} sx={{ fontSize: '0.875rem', whiteSpace: 'nowrap' }}>
    {text}
  </Link>
);
