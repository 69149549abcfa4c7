import { lazy, Suspense, useState } from 'react';
import { Button, SnackbarContent } from '@mui/material';
import { useCloseNotification, useNotify, useRefresh, type RaRecord } from 'react-admin';
import { dataProvider } from '../api/data';
import { useT } from '../i18n';
import { statusOf, useResource } from '../meta/store';
import type { Action, Resource } from '../meta/types';

const ActionDialog = lazy(() => import('./ActionDialog'));

/** What would change nothing. */
const isMoot = (a: Action, state: unknown) => (a.name === 'activate' && state === 'active') || (a.name === 'deactivate' && state === 'inactive');

/** The actions a record offers in its present state to the caller. */
export function actionsFor(r: Resource, record: RaRecord): Action[] {
  const state = record[statusOf(r)?.name ?? ''] as string | undefined;
  return r.actions.filter((a) => !a.collection && !isMoot(a, state) && (a.kind === 'transition' || a.kind === 'call') && a.name && (!a.from || (state !== undefined && a.from.includes(state))));
}

/** Ends or gives up: not the first thing to press. */
export const isDanger = (a: Action) => /^(cancel|lose|mark_lost|mark_failed|terminate|disqualify|merge|refund|return|deactivate|revoke|reverse)$/.test(a.name);

/** The action that takes a record to its next state. */
export const onwardOf = (offered: Action[]): Action | undefined => offered.find((a) => a.to && !isDanger(a));

/** The action that takes back exactly what another did, without asking anything. */
export function inverse(r: Resource, a: Action, before: string | undefined): Action | undefined {
  if (!a.to || a.preview) return undefined;
  return r.actions.find((b) => b.kind === 'transition' && b.to === before && b.from?.includes(a.to as string) && !b.preview && !b.fields && !b.lines);
}

const asksNothing = (a: Action) => !a.preview && !a.fields?.length && !a.lines && !isDanger(a);

/** What was done, with the way back for as long as it is shown. */
export function Undoable({ text, undo }: { text: string; undo: () => void }) {
  const t = useT();
  const close = useCloseNotification();
  const back = () => {
    close();
    undo();
  };
  return (
    <SnackbarContent
      role="status"
      message={text}
      action={
        <Button size="small" color="inherit" variant="outlined" onClick={back}>
          {t('Undo')}
        </Button>
      }
    />
  );
}

type Props = { resource: string; record: RaRecord; onDone?: (record: RaRecord) => void };

/**
 * A record's actions as buttons. What moves stock or money, asks for something
 * or gives something up opens a dialog that shows what will happen.
 */
export function RecordActions({ resource, record, onDone }: Props) {
  const t = useT();
  const r = useResource(resource);
  const notify = useNotify();
  const refresh = useRefresh();
  const [open, setOpen] = useState<Action | null>(null);
  const [busy, setBusy] = useState(false);
  if (!r) return null;
  const offered = actionsFor(r, record);
  // What takes the record on comes first, what gives it up last.
  const onward = onwardOf(offered);
  const weight = (a: Action) => (a === onward ? 0 : isDanger(a) ? 2 : 1);
  const all = offered.sort((a, b) => weight(a) - weight(b));

  const done = (after: RaRecord) => {
    refresh();
    onDone?.(after);
  };
  const run = async (a: Action, undoing = false) => {
    setBusy(true);
    try {
      const after = await dataProvider.act(resource, record.id, a.name, { version: undoing ? undefined : record.version });
      const back = r.status ? inverse(r, a, record[r.status] as string) : undefined;
      const said = t('%{action}: done', { action: t(a.label) });
      if (back && !undoing) notify(<Undoable text={said} undo={() => void run(back, true)} />, { autoHideDuration: 8000 });
      else notify(said, { type: 'success' });
      done(after);
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
      refresh();
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {all.map((a, i) => (
        <Button
          key={a.name}
          size="small"
          disabled={busy}
          title={a.summary ? t(a.summary) : undefined}
          variant={i === 0 && !isDanger(a) ? 'contained' : 'outlined'}
          color={isDanger(a) ? 'error' : 'primary'}
          onClick={() => (asksNothing(a) ? void run(a) : setOpen(a))}
        >
          {t(a.label)}
        </Button>
      ))}
      {open && (
        <Suspense fallback={null}>
          <ActionDialog
            resource={r}
            record={record}
            action={open}
            onClose={(after) => {
              setOpen(null);
              if (after) done(after);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
