import { Alert, Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, MenuItem, TextField } from '@mui/material';
import { useState } from 'react';
import { useNotify, type HttpError, type RaRecord } from 'react-admin';
import { parseDecimal } from '../../api/decimal';
import { call } from '../../api/http';
import { DecimalInput } from '../../shared/DecimalInput';
import { RecordPicker } from '../../shared/RecordPicker';
import type { Product } from '../../shared/products';
import { Money, newKey, Quantity, useFormat, useT } from '../../shared';

export type Doing = 'count' | 'transfer' | 'scrap';
export const TITLES: Record<Doing, string> = { count: 'Count', transfer: 'Transfer', scrap: 'Scrap' };

export type Level = { id: number; location_id: number; location_name: string; lot_id: number | null; lot_name: string | null; stock_status: string; on_hand: string | number; reserved: string | number; available: string | number; value: string | number };
type Move = { quantity: string | number; value: string | number; from_location_name: string; to_location_name: string };

const where = (l: Level) => [l.location_name, l.lot_name].filter(Boolean).join(' · ');

type Form = { level: Level; quantity: string; to: RaRecord | null; reason: string };

function bodyOf(doing: Doing, product: Product, f: Form) {
  const common = { product_id: product.id, stock_status: f.level.stock_status, ...(f.level.lot_id ? { lot_id: f.level.lot_id } : {}), ...(f.reason ? { reason: f.reason } : {}) };
  if (doing === 'count') return { ...common, kind: 'adjustment', counted_quantity: f.quantity, location_id: f.level.location_id };
  if (doing === 'scrap') return { ...common, kind: 'scrap', quantity: f.quantity, from_location_id: f.level.location_id };
  return { ...common, kind: 'transfer', quantity: f.quantity, from_location_id: f.level.location_id, to_location_id: f.to?.id };
}

function useMove(doing: Doing, product: Product, form: Form, onDone: () => void) {
  const t = useT();
  const notify = useNotify();
  const [said, setSaid] = useState<{ text: string; move: Move } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [key] = useState(() => newKey());
  const body = bodyOf(doing, product, form);
  const text = JSON.stringify(body);
  const move = said?.text === text ? said.move : null;
  const send = async () => {
    setProblem(null);
    try {
      const { json } = await call<Move>('POST', '/stock-moves', { body, query: move ? {} : { dry_run: true }, headers: move ? { 'Idempotency-Key': key } : {} });
      if (!move) return setSaid({ text, move: json });
      notify(t('Posted'), { type: 'success' });
      onDone();
    } catch (error) {
      const { message, body: answer } = error as HttpError;
      const errors = (answer as { errors?: Record<string, string> } | null)?.errors;
      setProblem(errors ? Object.values(errors).join('; ') : message);
    }
  };
  return { move, problem, send };
}

/** A count, a transfer or scrap of one product: what it will do is shown first. */
export function MoveDialog({ doing, product, levels, onClose }: { doing: Doing; product: Product; levels: Level[]; onClose: (done: boolean) => void }) {
  const t = useT();
  const f = useFormat();
  const [form, setForm] = useState<Form>({ level: levels[0] as Level, quantity: '', to: null, reason: '' });
  const set = (over: Partial<Form>) => setForm({ ...form, ...over });
  const { move, problem, send } = useMove(doing, product, form, () => onClose(true));
  const quantity = parseDecimal(form.quantity);
  const bad = form.quantity !== '' && (quantity === null || quantity < 0n || (doing !== 'count' && quantity === 0n));
  const ready = form.quantity !== '' && !bad && (doing !== 'transfer' || !!form.to);
  return (
    <Dialog open fullWidth maxWidth="xs" onClose={() => onClose(false)} aria-labelledby="move-title">
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (ready) void send();
        }}
      >
        <DialogTitle id="move-title">
          {t(TITLES[doing])}: {product.name}
        </DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2, pt: '8px !important' }}>
          <TextField select label={t('Where')} value={form.level.id} onChange={(e) => set({ level: levels.find((l) => l.id === Number(e.target.value)) as Level })} sx={{ my: 0 }}>
            {levels.map((l) => (
              <MenuItem key={l.id} value={l.id}>
                {where(l)}: {f.quantity(l.on_hand)} {product.unit}
              </MenuItem>
            ))}
          </TextField>
          {doing === 'transfer' && <RecordPicker resource="locations" label={t('To')} filter={{ usage: 'internal', is_active: true }} value={form.to} onChange={(to) => set({ to })} />}
          <DecimalInput label={doing === 'count' ? t('Counted') : t('Quantity')} value={form.quantity} onChange={(v) => set({ quantity: v })} error={bad} helperText={bad ? t('must be above zero') : undefined} autoFocus sx={{ my: 0 }} />
          <TextField label={t('Reason')} value={form.reason} onChange={(e) => set({ reason: e.target.value })} sx={{ my: 0 }} slotProps={{ htmlInput: { maxLength: 255 } }} />
          {problem && (
            <Alert severity="error" role="alert">
              {problem}
            </Alert>
          )}
          <Box role="status">
            {move && (
              <Alert severity="info">
                {move.from_location_name} → {move.to_location_name}: <Quantity value={move.quantity} unit={product.unit} />, <Money value={move.value} />
              </Alert>
            )}
          </Box>
        </DialogContent>
        <DialogActions>
          <Button onClick={() => onClose(false)}>{t('Not now')}</Button>
          <Button type="submit" variant="contained" color={move && doing === 'scrap' ? 'error' : 'primary'} disabled={!ready}>
            {move ? t('Post it') : t('What will happen?')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
