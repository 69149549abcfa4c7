import { Button, Dialog, DialogActions, DialogContent, DialogTitle, List, ListItem, Menu, MenuItem, Typography } from '@mui/material';
import { useState } from 'react';
import { useListContext, useNotify, useRefresh, type RaRecord } from 'react-admin';
import { dataProvider } from '../api/data';
import { useT } from '../i18n';
import type { Action, Resource } from '../meta/types';
import { titleOf } from './titles';

type Outcome = { record: RaRecord; problem?: string };

/** One action for every chosen record; what is refused says why, and the others are done. */
export function BulkActions({ resource }: { resource: Resource }) {
  const t = useT();
  const notify = useNotify();
  const refresh = useRefresh();
  const { selectedIds, data, onSelect } = useListContext<RaRecord>();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [asked, setAsked] = useState<Action | null>(null);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Outcome[]>([]);
  const actions = resource.actions.filter((a) => a.kind === 'transition' && !a.fields?.some((f) => f.required) && !a.lines?.fields.some((f) => f.required && !['line_id', 'quantity'].includes(f.name)));
  const records = (data ?? []).filter((r) => selectedIds.includes(r.id));
  if (!actions.length) return null;

  const run = async (action: Action) => {
    setBusy(true);
    const outcomes: Outcome[] = [];
    for (const record of records) {
      const problem = await dataProvider.act(resource.name, record.id, action.name, { version: record['version'] as number | undefined }).then(
        () => undefined,
        (error: Error) => error.message,
      );
      outcomes.push({ record, problem });
    }
    const bad = outcomes.filter((o) => o.problem);
    setBusy(false);
    setAsked(null);
    setRefused(bad);
    if (bad.length < outcomes.length) notify(t('%{action}: %{n} done', { action: t(action.label), n: outcomes.length - bad.length }), { type: 'success' });
    onSelect(bad.map((o) => o.record.id)); // what was refused stays chosen, and this with it
    refresh();
  };
  return (
    <>
      <Button size="small" onClick={(e) => setAnchor(e.currentTarget)} aria-haspopup="menu">
        {t('Actions')}
      </Button>
      <Menu anchorEl={anchor} open={!!anchor} onClose={() => setAnchor(null)}>
        {actions.map((a) => (
          <MenuItem
            key={a.name}
            onClick={() => {
              setAnchor(null);
              setAsked(a);
            }}
          >
            {t(a.label)}
          </MenuItem>
        ))}
      </Menu>
      {asked && (
        <Dialog open onClose={() => setAsked(null)} aria-labelledby="bulk-title">
          <DialogTitle id="bulk-title">{t('%{action}: %{n} records', { action: t(asked.label), n: records.length })}</DialogTitle>
          <DialogContent>{asked.summary && <Typography>{t(asked.summary)}.</Typography>}</DialogContent>
          <DialogActions>
            <Button onClick={() => setAsked(null)}>{t('Not now')}</Button>
            <Button variant="contained" disabled={busy} onClick={() => void run(asked)}>
              {t(asked.label)}
            </Button>
          </DialogActions>
        </Dialog>
      )}
      {!!refused.length && (
        <Dialog open onClose={() => setRefused([])} aria-labelledby="refused-title">
          <DialogTitle id="refused-title">{t('%{n} could not be done', { n: refused.length })}</DialogTitle>
          <DialogContent>
            <List dense>
              {refused.map((o) => (
                <ListItem key={String(o.record.id)}>
                  <Typography>
                    <b>{titleOf(resource, o.record)}</b>: {o.problem}
                  </Typography>
                </ListItem>
              ))}
            </List>
          </DialogContent>
          <DialogActions>
            <Button variant="contained" onClick={() => setRefused([])}>
              {t('Close')}
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </>
  );
}
