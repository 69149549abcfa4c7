import { Box, Button, Link as MuiLink, Paper, TextField, Typography } from '@mui/material';
import { useEffect, useState } from 'react';
import type { RaRecord } from 'react-admin';
import type { TabProps } from '..';
import { Link, useSearchParams } from 'react-router-dom';
import { filterQuery, pathOf } from '../../api/data';
import { call } from '../../api/http';
import { lookUp } from '../../shared/products';
import { todayIn } from '../../i18n/format';
import { useWedge } from '../../shared/scan/useWedge';
import { EmptyState, PageTitle, StatusChip, useFormat, useT } from '../../shared';
import { ToneChip } from '../../shared/StatusChip';
import { OrderWork } from './OrderWork';
import { RECEIVE, SHIP, type Kind } from './work';

/** The orders that wait for it, what is due first. */
function Waiting({ kind, onPick }: { kind: Kind; onPick: (id: number) => void }) {
  const t = useT();
  const f = useFormat();
  const [text, setText] = useState('');
  const [orders, setOrders] = useState<RaRecord[] | null>(null);
  const progress = kind.action === 'receive' ? 'receipt_status' : 'delivery_status';
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const query = { status: kind.status, ordering: 'due_date', page_size: 50, count: 'none', ...filterQuery({ q: text.trim() }) };
      call<{ items: RaRecord[] }>('GET', pathOf(kind.resource), { query, signal: stop.signal }).then(
        ({ json }) => setOrders(json.items),
        () => undefined,
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [kind, text]);
  const open = async (code: string) => {
    const found = await lookUp(code).catch(() => null);
    const match = found?.matches.find((m) => m.resource === kind.resource);
    if (match) onPick(match.id);
    else setText(code);
  };
  useWedge((code) => void open(code));
  const today = todayIn(f.zone);
  const isLate = (o: RaRecord) => !!o['due_date'] && (o['due_date'] as string) < today;
  return (
    <Paper sx={{ border: 1, borderColor: 'divider' }}>
      <Box
        component="form"
        sx={{ p: { xs: 1.5, sm: 2 } }}
        onSubmit={(e) => {
          e.preventDefault();
          void open(text.trim());
        }}
      >
        <TextField label={t('Number of the order, or whose it is')} value={text} onChange={(e) => setText(e.target.value)} fullWidth autoFocus sx={{ my: 0, maxWidth: 420 }} slotProps={{ htmlInput: { 'data-takes-codes': '' } }} />
      </Box>
      {orders?.length === 0 && <EmptyState title={kind.action === 'receive' ? t('No order waits for its goods') : t('No order waits to be shipped')} />}
      {!!orders?.length && (
        <Box component="ul" aria-label={t('Waiting orders')} sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {orders.map((o) => (
            <Box component="li" key={String(o.id)} sx={{ px: { xs: 1.5, sm: 2 }, py: 1.25, borderTop: 1, borderColor: 'divider', display: 'grid', gap: 0.5, columnGap: 2, alignItems: 'center', gridTemplateColumns: { xs: '1fr auto', sm: '9rem 1fr 9rem auto' } }}>
              <MuiLink component="button" type="button" onClick={() => onPick(o.id as number)} sx={{ fontWeight: 650, textAlign: 'left', fontSize: '1rem' }}>
                {String(o[kind.number])}
              </MuiLink>
              <Typography sx={{ gridRow: { xs: 2, sm: 'auto' }, overflowWrap: 'anywhere' }}>{String(o[kind.party] ?? '')}</Typography>
              <Typography variant="body2" color="text.secondary" sx={{ textAlign: { xs: 'right', sm: 'left' }, gridRow: { xs: 2, sm: 'auto' } }}>
                {o['due_date'] ? t('due %{date}', { date: f.date(o['due_date'] as string) }) : ''}
              </Typography>
              <Box sx={{ display: 'flex', gap: 0.75, justifySelf: 'end', gridRow: { xs: 1, sm: 'auto' }, gridColumn: { xs: 2, sm: 'auto' } }}>
                {isLate(o) && <ToneChip tone="danger" label={t('late')} />}
                {o[progress] !== 'none' && <StatusChip resource={kind.resource} source={progress} value={o[progress]} />}
              </Box>
            </Box>
          ))}
        </Box>
      )}
    </Paper>
  );
}

function GoodsPage({ kind, title }: { kind: Kind; title: string }) {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const id = params.get('order');
  return (
    <>
      <PageTitle
        title={title}
        actions={
          id && (
            <>
              <Button size="small" onClick={() => setParams({})}>
                {t('Other orders')}
              </Button>
              <Button component={Link} to={`/${kind.resource}/${id}/show`} size="small">
                {t('The whole order')}
              </Button>
            </>
          )
        }
      />
      {id ? <OrderWork key={id} kind={kind} id={id} /> : <Waiting kind={kind} onPick={(order) => setParams({ order: String(order) })} />}
    </>
  );
}

export function Receiving() {
  return <GoodsPage kind={RECEIVE} title={useT()('Receiving')} />;
}
export function Shipping() {
  return <GoodsPage kind={SHIP} title={useT()('Shipping')} />;
}
export const ReceivingTab = ({ record }: TabProps) => <OrderWork kind={RECEIVE} id={record.id} />;
export const ShippingTab = ({ record }: TabProps) => <OrderWork kind={SHIP} id={record.id} />;
