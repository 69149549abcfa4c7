import { lazy, Suspense, useState } from 'react';
import { useGetList, type RaRecord } from 'react-admin';
import { dataProvider } from '../../api/data';
import { titleOf } from '../../generic/titles';
import { FieldValue } from '../../generic/values';
import { useT } from '../../i18n';
import { todayIn, useFormat } from '../../i18n/format';
import { fieldOf, useResource } from '../../meta/store';
import type { Action, Resource } from '../../meta/types';
import { PageTitle } from '../../shared';
import { isDanger } from '../../shared/RecordActions';
import { ToneChip } from '../../shared/StatusChip';
import { listPath, useRead } from '../../shared/useRead';
import { Board, type Column } from './Board';
import { BoardActions, useBoardFilters } from './filters';

const ActionDialog = lazy(() => import('../../shared/ActionDialog'));
const SHOWN = 200;
const RECENT = 20;

/** The one action that leads from a state to another. */
const leads = (r: Resource, from: unknown, to: string): Action | undefined => r.actions.find((a) => a.kind === 'transition' && a.to === to && a.from?.includes(from as string));
const asks = (a: Action) => !!a.preview || !!a.lines || !!a.fields?.length || isDanger(a);

type Asked = { card: RaRecord; action: Action; done: (moved: boolean) => void };

function Details({ resource, record, show, late }: { resource: Resource; record: RaRecord; show: string[]; late: boolean }) {
  const t = useT();
  const f = useFormat();
  const value = (n: string) => {
    const field = fieldOf(resource, n);
    const v = record[n];
    if (v === null || v === undefined || v === '' || v === 'medium') return null;
    return <div key={n}>{field ? <FieldValue field={field} record={record} plain /> : String(v)}</div>;
  };
  return (
    <>
      {show.map(value)}
      {resource.due && record[resource.due] && (
        <div>
          {t('due %{date}', { date: f.date(record[resource.due] as string) })} {late && <ToneChip tone="danger" label={t('overdue')} />}
        </div>
      )}
    </>
  );
}

/** The records of any resource with states, by state: columns and moves come from its transitions. */
export function StatusBoard({ resource: name, title, show }: { resource: string; title: string; show: string[] }) {
  const t = useT();
  const { zone } = useFormat();
  const resource = useResource(name) as Resource;
  const { filter, bar } = useBoardFilters(name);
  const done = new Set([...(resource.done ?? []), 'cancelled']);
  const choices = fieldOf(resource, resource.status)?.choices ?? [];
  const names = (finished: boolean) => choices.map((c) => c.name).filter((c) => done.has(c) === finished);
  const query = (states: string[], perPage: number, sort: { field: string; order: 'ASC' | 'DESC' }) => ({ filter: { ...filter, status__in: states }, pagination: { page: 1, perPage }, sort });
  const options = { retry: false, placeholderData: (d: never) => d } as object;
  const open = useGetList<RaRecord>(name, query(names(false), SHOWN, { field: resource.due ?? 'id', order: 'ASC' }), options);
  const closed = useGetList<RaRecord>(name, query(names(true), RECENT, { field: 'updated_at', order: 'DESC' }), options);
  const { q, ...others } = filter;
  const stats = useRead<{ by_status: Record<string, number> }>(name, 'stats', { ...others, search: q });
  const [asked, setAsked] = useState<Asked | null>(null);
  const today = todayIn(zone);
  const late = (r: RaRecord) => !!resource.due && !done.has(r['status'] as string) && !!r[resource.due] && String(r[resource.due]) < today;
  const all = [...(open.data ?? []), ...(closed.data ?? [])];
  const columns: Column[] = choices.map((c) => {
    const cards = all.filter((r) => r['status'] === c.name);
    const n = cards.filter(late).length;
    return { id: c.name, label: t(c.label), cards, count: Math.max(cards.length, stats.data?.by_status[c.name] ?? 0), total: n ? t('%{n} overdue', { n }) : '', more: listPath(name, { ...others, status__in: [c.name] }) };
  });
  const targets = (card: RaRecord, from: Column) => columns.filter((c) => c.id !== from.id && leads(resource, card['status'], c.id));
  const move = async (card: RaRecord, to: Column): Promise<string | null> => {
    const action = leads(resource, card['status'], to.id);
    if (!action) return t('There is no way from “%{from}” to “%{to}”.', { from: columns.find((c) => c.id === card['status'])?.label ?? '', to: to.label });
    try {
      if (asks(action)) {
        const moved = await new Promise<boolean>((end) => setAsked({ card, action, done: end }));
        setAsked(null);
        return moved ? null : t('Not moved.');
      }
      await dataProvider.act(name, card.id as number, action.name, { version: card['version'] as number });
      return null;
    } catch (error) {
      return (error as Error).message;
    } finally {
      await Promise.all([open.refetch(), closed.refetch(), stats.refetch()]);
    }
  };
  return (
    <>
      <PageTitle title={title} actions={<BoardActions resource={resource} />} />
      {bar}
      <Board resource={name} label={title} columns={columns} titleOf={(r) => titleOf(resource, r)} targets={targets} move={move} body={(r) => <Details resource={resource} record={r} show={show} late={late(r)} />} />
      {asked && (
        <Suspense fallback={null}>
          <ActionDialog resource={resource} record={asked.card} action={asked.action} onClose={(after) => asked.done(!!after)} />
        </Suspense>
      )}
    </>
  );
}

/** Work orders by state. */
export default function WorkOrdersBoard() {
  const t = useT();
  return <StatusBoard resource="work-orders" title={t('Work orders board')} show={['product_name', 'quantity', 'customer_name', 'assigned_to_name', 'priority']} />;
}
