import { Alert, Box, Button, Checkbox, Chip, MenuItem, Paper, Table, TableBody, TableCell, TableHead, TableRow, TextField, Typography } from '@mui/material';
import { useEffect, useMemo, useState } from 'react';
import { useNotify, type HttpError, type RaRecord } from 'react-admin';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router-dom';
import { dataProvider, read } from '../../api/data';
import { useT } from '../../i18n';
import { may, useMeta } from '../../meta/store';
import type { Resource } from '../../meta/types';
import { areaLabel, areaOrder } from '../../shell/areas';
import { partly } from '../../shared/partly';
import { PageTitle } from '../../shared';
import { Scrolling } from '../../shared/Scrolling';

const COMMON = ['read', 'create', 'update', 'delete', 'export', 'import'] as const;
const LABELS = { read: 'See', create: 'Create', update: 'Change', delete: 'Delete', export: 'Export', import: 'Import' };
type Grant = { resource: string; action: string; scope: 'all' | 'own' };
type Chosen = Map<string, Set<string>>;
type Known = { chosen: Chosen; own: Set<string> };

/** What the server says a role may do: "deals:read", of one's own "deals:read:own". */
function known(permissions: string[]): Known {
  const chosen: Chosen = new Map();
  const own = new Set<string>();
  for (const p of permissions) {
    const [resource = '', action = '', scope] = p.split(':');
    if (!chosen.has(resource)) chosen.set(resource, new Set());
    chosen.get(resource)?.add(action);
    if (scope === 'own') own.add(resource);
  }
  return { chosen, own };
}

type RowProps = { r: Resource; actions: string[]; further: string[]; on: Set<string>; own: boolean; locked: boolean; allowed: (r: string, a: string) => boolean; toggle: (r: string, a: string[], to: boolean) => void; setOwn: (r: string, own: boolean) => void };

function ResourceRow({ r, actions, further, on, own, locked, allowed, toggle, setOwn }: RowProps) {
  const t = useT();
  const label = t(r.label_plural);
  const any = on.size > 0;
  const some = further.filter((a) => on.has(a)).length;
  return (
    <TableRow>
      <TableCell component="th" scope="row" sx={{ position: 'sticky', left: 0, backgroundColor: 'background.paper', zIndex: 1, maxWidth: { xs: '8rem', sm: '14rem' }, overflowWrap: 'anywhere' }}>
        {label}
      </TableCell>
      {actions.map((a) => (
        <TableCell key={a} align="center" sx={{ p: 0 }}>
          <Checkbox size="small" checked={on.has(a)} disabled={locked || (!allowed(r.name, a) && !on.has(a))} onChange={(e) => toggle(r.name, [a], e.target.checked)} slotProps={{ input: { 'aria-label': `${label}: ${t(LABELS[a as keyof typeof LABELS])}` } }} />
        </TableCell>
      ))}
      <TableCell align="center" sx={{ p: 0 }}>
        {!!further.length && (
          <Checkbox size="small" checked={some === further.length} indeterminate={some > 0 && some < further.length} disabled={locked} onChange={(e) => toggle(r.name, further.filter((a) => allowed(r.name, a)), e.target.checked)} slotProps={{ input: { ref: partly(some > 0 && some < further.length), 'aria-label': `${label}: ${t('Actions')}`, title: further.map((a) => t(r.actions.find((x) => x.name === a)?.label ?? a)).join(', ') } }} />
        )}
      </TableCell>
      <TableCell sx={{ py: 0 }}>
        {r.owner && any ? (
          <TextField select size="small" margin="none" value={own ? 'own' : 'all'} disabled={locked} onChange={(e) => setOwn(r.name, e.target.value === 'own')} slotProps={{ htmlInput: { 'aria-label': `${label}: ${t('Which records')}` } }} sx={{ minWidth: '7.5rem' }}>
            <MenuItem value="all">{t('all')}</MenuItem>
            <MenuItem value="own">{t('only their own')}</MenuItem>
          </TextField>
        ) : (
          any && <Typography variant="body2">{t('all')}</Typography>
        )}
      </TableCell>
    </TableRow>
  );
}

/** A role as a matrix: what may be done with what, and with which records. */
export default function Role() {
  const t = useT();
  const notify = useNotify();
  const navigate = useNavigate();
  const { id } = useParams();
  const [params] = useSearchParams();
  const from = id ?? params.get('like');
  const { resources } = useMeta();
  const [role, setRole] = useState<RaRecord | null>(null);
  const [mine, setMine] = useState<Known | null>(null);
  const [state, setState] = useState<Known>({ chosen: new Map(), own: new Set() });
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [wrong, setWrong] = useState<Record<string, string>>({});
  useEffect(() => {
    void read<{ permissions: string[] }>('me', 'permissions').then(({ permissions }) => setMine(known(permissions)));
    if (!from) return;
    void Promise.all([dataProvider.getOne('roles', { id: from }), read<{ permissions: string[] }>('roles', `${from}/permissions`)]).then(([{ data: found }, { permissions }]) => {
      const data = found as RaRecord;
      setRole(data);
      setState(known(permissions));
      if (id) setName(String(data['name']));
      setDescription(String(data['description'] ?? ''));
    }, (error: Error) => notify(error.message, { type: 'error' }));
  }, [from, id, notify]);

  const locked = !!id && (!!role?.['builtin'] || !may('roles', 'update'));
  const allowed = (r: string, a: string) => !!mine?.chosen.get(r)?.has(a);
  const rows = useMemo(() => resources.filter((r) => mine?.chosen.has(r.name)).sort((a, b) => areaOrder(a.area) - areaOrder(b.area)), [resources, mine]);
  const furtherOf = (r: Resource) => [...(mine?.chosen.get(r.name) ?? [])].filter((a) => !COMMON.includes(a as never));
  const toggle = (r: string, actions: string[], to: boolean) =>
    setState(({ chosen, own }) => {
      const next = new Map(chosen);
      const set = new Set(next.get(r));
      for (const a of actions) if (to) set.add(a); else set.delete(a);
      if (to) set.add('read');
      if (!set.has('read')) set.clear();
      next.set(r, set);
      return { chosen: next, own };
    });
  const setOwn = (r: string, to: boolean) =>
    setState(({ chosen, own }) => {
      const next = new Set(own);
      if (to) next.add(r);
      else next.delete(r);
      return { chosen, own: next };
    });
  const grants = (): Grant[] =>
    [...state.chosen].flatMap(([resource, actions]) => [...actions].map((action): Grant => ({ resource, action, scope: state.own.has(resource) ? 'own' : 'all' })));
  const save = async () => {
    const data = { name: name.trim(), description: description.trim() || null, permissions: grants() };
    setWrong({});
    try {
      const path = { data, ...(id && role ? { id, previousData: role } : {}) };
      const saved = id ? await dataProvider.update('roles', path as never) : await dataProvider.create('roles', { data });
      notify(t('Saved'), { type: 'success' });
      navigate(`/roles/${String(saved.data.id)}`);
      if (id) setRole(saved.data);
    } catch (error) {
      const { body, message } = error as HttpError;
      setWrong((body?.errors as Record<string, string>) ?? { '': message });
    }
  };
  const other = Object.entries(wrong).filter(([k]) => !['name', 'description'].includes(k));
  if (id && !role) return <PageTitle title={t('Role')} />;
  return (
    <>
      <PageTitle
        title={id ? String(role?.['name']) : t('New: %{name}', { name: t('Role') })}
        subtitle={id ? t('Role') : t('What somebody with this role may do. You cannot allow more than you may do yourself.')}
        chip={role?.['builtin'] && id ? <Chip size="small" label={t('built in')} /> : undefined}
        actions={
          <>
            {id && may('roles', 'create') && (
              <Button component={Link} to={`/roles/create?like=${id}`} size="small" variant="outlined">
                {t('Make one like it')}
              </Button>
            )}
            {!locked && (
              <Button size="small" variant="contained" onClick={() => void save()}>
                {t('Save')}
              </Button>
            )}
          </>
        }
      />
      {!!role?.['builtin'] && !!id && (
        <Alert severity="info" sx={{ mb: 1.5 }}>
          {t('A built-in role stays as it is. Make one like it to change what it allows.')}
        </Alert>
      )}
      {!!other.length && (
        <Alert severity="error" role="alert" sx={{ mb: 1.5 }}>
          {other.map(([k, v]) => [k, t(v)].filter(Boolean).join(': ')).join('; ')}
        </Alert>
      )}
      <Paper sx={{ p: { xs: 1.5, sm: 2.5 }, border: 1, borderColor: 'divider' }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, mb: 1 }}>
          <TextField label={t('Name')} value={name} onChange={(e) => setName(e.target.value)} required disabled={locked} error={!!wrong['name']} helperText={wrong['name'] && t(wrong['name'])} sx={{ flex: '1 1 12rem' }} />
          <TextField label={t('Description')} value={description} onChange={(e) => setDescription(e.target.value)} disabled={locked} error={!!wrong['description']} helperText={wrong['description']} sx={{ flex: '2 1 16rem' }} />
        </Box>
        <Scrolling label={t('What this role may do')} role="region">
          <Table size="small" sx={{ '& td, & th': { whiteSpace: 'normal' } }}>
            <TableHead>
              <TableRow>
                <TableCell sx={{ position: 'sticky', left: 0, zIndex: 2 }}>{t('With')}</TableCell>
                {COMMON.map((a) => (
                  <TableCell key={a} align="center">
                    {t(LABELS[a])}
                  </TableCell>
                ))}
                <TableCell align="center">{t('Actions')}</TableCell>
                <TableCell>{t('Which records')}</TableCell>
              </TableRow>
            </TableHead>
            {[...new Set(rows.map((r) => r.area))].map((area) => (
              <TableBody key={area}>
                <TableRow>
                  <TableCell colSpan={COMMON.length + 3} sx={{ backgroundColor: 'background.default', fontWeight: 650 }}>
                    {t(areaLabel(area))}
                  </TableCell>
                </TableRow>
                {rows
                  .filter((r) => r.area === area)
                  .map((r) => (
                    <ResourceRow key={r.name} r={r} actions={[...COMMON]} further={furtherOf(r)} on={state.chosen.get(r.name) ?? new Set()} own={state.own.has(r.name)} {...{ locked, allowed, toggle, setOwn }} />
                  ))}
              </TableBody>
            ))}
          </Table>
        </Scrolling>
      </Paper>
    </>
  );
}
