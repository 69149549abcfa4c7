import { Alert, Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, TextField, Typography } from '@mui/material';
import { useCallback, useEffect, useState } from 'react';
import { useNotify } from 'react-admin';
import { decimalText, parseDecimal } from '../../api/decimal';
import { call } from '../../api/http';
import { DecimalInput } from '../../shared/DecimalInput';
import { may, Money, ToneChip, useFormat, useMeta, useT } from '../../shared';

export type TillSession = {
  id: number;
  register: string;
  opening_float: string | number;
  created_at: string;
  counted_amount: string | number | null;
  expected_amount: string | number | null;
  difference: string | number | null;
};

/** The caller's open session: the one that sales go to. Undefined while it is asked for. */
export function useTill() {
  const { caller } = useMeta();
  const [session, setSession] = useState<TillSession | null | undefined>(undefined);
  const load = useCallback(() => {
    const query = { status: 'open', opened_by: caller.id, ordering: '-id', page_size: 1, count: 'none' };
    return call<{ items: TillSession[] }>('GET', '/till-sessions', { query }).then(
      ({ json }) => setSession(json.items[0] ?? null),
      () => setSession(null),
    );
  }, [caller.id]);
  useEffect(() => void load(), [load]);
  return { session, reload: load };
}

const LAST = 'millwright.register';

function OpenDialog({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const t = useT();
  const [register, setRegister] = useState(localStorage.getItem(LAST) ?? '');
  const [float, setFloat] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const bad = float !== '' && parseDecimal(float) === null;
  const submit = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await call('POST', '/till-sessions', { body: { register, ...(float ? { opening_float: float } : {}) } });
      localStorage.setItem(LAST, register);
      onDone();
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open fullWidth maxWidth="xs" onClose={onClose} aria-labelledby="till-open">
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (!bad) void submit();
        }}
      >
        <DialogTitle id="till-open">{t('Open the till')}</DialogTitle>
        <DialogContent>
          {problem && <Alert severity="error" role="alert">{problem}</Alert>}
          <TextField label={t('Register')} value={register} onChange={(e) => setRegister(e.target.value)} required fullWidth autoFocus slotProps={{ htmlInput: { maxLength: 64 } }} />
          <DecimalInput label={t('Cash in the drawer')} value={float} onChange={setFloat} error={bad} helperText={bad ? t('must be a number with at most four decimals') : ' '} fullWidth />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('Not now')}</Button>
          <Button type="submit" variant="contained" disabled={busy || bad}>
            {t('Open the till')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Difference({ value }: { value: string | number | null }) {
  const t = useT();
  const f = useFormat();
  const d = parseDecimal(value) ?? 0n;
  const amount = f.money(decimalText(d < 0n ? -d : d));
  if (d === 0n) return <ToneChip tone="success" label={t('It agrees')} />;
  return <ToneChip tone="danger" label={d < 0n ? t('%{amount} are missing', { amount }) : t('%{amount} too much', { amount })} />;
}

export function Counted({ session }: { session: TillSession }) {
  const t = useT();
  const rows: [string, string | number | null][] = [
    [t('Cash at the start'), session.opening_float],
    [t('Expected in the drawer'), session.expected_amount],
    [t('Counted'), session.counted_amount],
  ];
  return (
    <Box component="dl" sx={{ display: 'grid', gridTemplateColumns: '1fr auto', gap: 0.75, my: 1.5, '& dd': { m: 0, textAlign: 'right' }, alignItems: 'center' }}>
      {rows.map(([label, value]) => (
        <Box key={label} sx={{ display: 'contents' }}>
          <dt>{label}</dt>
          <dd>
            <Money value={value} />
          </dd>
        </Box>
      ))}
      <Box component="dt" sx={{ fontWeight: 650 }}>
        {t('Difference')}
      </Box>
      <dd>
        <Difference value={session.difference} />
      </dd>
    </Box>
  );
}

/** Counting comes first: only then it says what should be there. */
function CloseDialog({ session, onDone, onClose }: { session: TillSession; onDone: () => void; onClose: () => void }) {
  const t = useT();
  const notify = useNotify();
  const [counted, setCounted] = useState('');
  const [shown, setShown] = useState<TillSession | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const send = async (dry: boolean) => {
    setProblem(null);
    try {
      const { json } = await call<TillSession>('POST', `/till-sessions/${session.id}/close`, { body: { counted_amount: counted }, query: dry ? { dry_run: true } : {} });
      if (dry) return setShown(json);
      notify(t('The till is closed'), { type: 'success' });
      onDone();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <Dialog open fullWidth maxWidth="xs" onClose={onClose} aria-labelledby="till-close">
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void send(!shown);
        }}
      >
        <DialogTitle id="till-close">{t('Close %{register}', { register: session.register })}</DialogTitle>
        <DialogContent>
          {problem && <Alert severity="error" role="alert">{problem}</Alert>}
          <DecimalInput
            label={t('Counted in the drawer')}
            value={counted}
            onChange={(v) => {
              setCounted(v);
              setShown(null);
            }}
            required
            fullWidth
            autoFocus
          />
          {shown ? <Counted session={shown} /> : <Typography variant="body2" color="text.secondary">{t('Count the cash first; then you see what should be there.')}</Typography>}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('Not now')}</Button>
          <Button type="submit" variant="contained" disabled={parseDecimal(counted) === null}>
            {shown ? t('Close the till') : t('Compare')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** The state of the till with the ways to open and close it. */
export function TillBar({ session, reload }: { session: TillSession | null | undefined; reload: () => Promise<void> }) {
  const t = useT();
  const f = useFormat();
  const [open, setOpen] = useState(false);
  if (session === undefined || !may('till-sessions', 'create')) return null;
  const done = () => {
    setOpen(false);
    void reload();
  };
  return (
    <>
      {session ? (
        <Typography variant="body2" component="span" color="text.secondary">
          {t('%{register}, open since %{at}', { register: session.register, at: f.datetime(session.created_at) })}
        </Typography>
      ) : (
        <ToneChip tone="warning" label={t('No till is open')} />
      )}
      <Button size="small" variant={session ? 'outlined' : 'contained'} onClick={() => setOpen(true)}>
        {session ? t('Close the till') : t('Open the till')}
      </Button>
      {open && (session ? <CloseDialog session={session} onDone={done} onClose={() => setOpen(false)} /> : <OpenDialog onDone={done} onClose={() => setOpen(false)} />)}
    </>
  );
}
