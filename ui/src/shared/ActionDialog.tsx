import { Alert, Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, Table, TableBody, TableCell, TableHead, TableRow, Typography, useMediaQuery, type Theme } from '@mui/material';
import { useEffect, useRef, useState } from 'react';
import { Form, RecordContextProvider, useNotify, type HttpError, type RaRecord } from 'react-admin';
import { useFormContext } from 'react-hook-form';
import { dataProvider } from '../api/data';
import { LinesInput } from '../generic/LinesInput';
import { FieldInput } from '../generic/inputs';
import { FieldValue } from '../generic/values';
import { useT } from '../i18n';
import { asReference } from '../meta/store';
import type { Action, Field, Resource } from '../meta/types';
import { isDanger } from './RecordActions';

type Props = { resource: Resource; record: RaRecord; action: Action; onClose: (after: RaRecord | null) => void };
type Values = Record<string, unknown>;

/** Without empty texts and lines in which nothing is said. */
function bodyOf(action: Action, values: Values): Values {
  const asked = new Set([...(action.fields ?? []).map((f) => f.name), action.lines?.name]);
  const clean = (v: Values) => Object.fromEntries(Object.entries(v).filter(([, x]) => x !== '' && x !== null && x !== undefined));
  const body = Object.fromEntries(Object.entries(clean(values)).filter(([name]) => asked.has(name)));
  const lines = action.lines && (values[action.lines.name] as Values[] | undefined);
  if (action.lines) {
    const told = (lines ?? []).map(clean).filter((l) => Object.keys(l).some((name) => name !== 'line_id'));
    if (told.length) body[action.lines.name] = told;
    else delete body[action.lines.name];
  }
  return body;
}

type Difference = { field: Field; before: unknown; after: unknown; line?: number };

/** What a dry run says would be different. */
export function differences(r: Resource, before: RaRecord, after: RaRecord): Difference[] {
  const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  const skipped = new Set(['version', 'updated_at', 'id']);
  const ofRecord = (r.fields ?? []).filter((f) => !skipped.has(f.name) && f.name in after && !same(before[f.name], after[f.name]));
  const found: Difference[] = ofRecord.map((field) => ({ field, before: before[field.name], after: after[field.name] }));
  if (!r.lines) return found;
  const old = (before[r.lines.name] as RaRecord[] | undefined) ?? [];
  ((after[r.lines.name] as RaRecord[] | undefined) ?? []).forEach((line, i) => {
    for (const field of r.lines?.fields ?? [])
      if (!skipped.has(field.name) && !same(old[i]?.[field.name], line[field.name])) found.push({ field, before: old[i]?.[field.name], after: line[field.name], line: i });
  });
  return found;
}

function Differences({ list, before, after, resource }: { list: Difference[]; before: RaRecord; after: RaRecord; resource: Resource }) {
  const t = useT();
  if (!list.length) return <Typography color="text.secondary">{t('The record itself stays as it is.')}</Typography>;
  const lineOf = (record: RaRecord, i: number) => (resource.lines ? ((record[resource.lines.name] as RaRecord[]) ?? [])[i] : undefined);
  return (
    <Table size="small" aria-label={t('What will happen')}>
      <TableHead>
        <TableRow>
          <TableCell>{t('Field')}</TableCell>
          <TableCell>{t('Now')}</TableCell>
          <TableCell>{t('Then')}</TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {list.map((d) => (
          <TableRow key={`${d.line ?? ''}.${d.field.name}`}>
            <TableCell>
              {d.line === undefined ? t(d.field.label) : `${t('Line %{n}', { n: d.line + 1 })} · ${t(d.field.label)}`}
            </TableCell>
            <TableCell>
              <FieldValue field={d.field} record={d.line === undefined ? before : (lineOf(before, d.line) ?? { id: 0 })} plain />
            </TableCell>
            <TableCell sx={{ fontWeight: 600 }}>
              <FieldValue field={d.field} record={d.line === undefined ? after : (lineOf(after, d.line) ?? { id: 0 })} plain />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/** What is wrong with single values says more than that some are wrong. */
const problemOf = ({ message, body }: HttpError) => (body?.errors ? Object.values(body.errors as Record<string, string>).join('; ') : message);

/** Asks the server what would happen, whenever what is typed has rested. */
function useDryRun({ resource, record, action }: Pick<Props, 'resource' | 'record' | 'action'>, wanted: boolean) {
  const { watch } = useFormContext();
  const values = watch() as Values;
  const body = bodyOf(action, values);
  const text = JSON.stringify(body);
  const lacks = (action.fields ?? []).some((f) => f.required && !(f.name in body));
  const [result, setResult] = useState<{ after?: RaRecord; problem?: string }>({});
  const turn = useRef(0);
  useEffect(() => {
    if (!wanted) return undefined;
    if (lacks) {
      turn.current += 1;
      setResult({});
      return undefined;
    }
    const mine = ++turn.current;
    const timer = setTimeout(() => {
      dataProvider.act(resource.name, record.id, action.name, { body: JSON.parse(text), dryRun: true }).then(
        (after) => mine === turn.current && setResult({ after }),
        (error: HttpError) => mine === turn.current && setResult({ problem: problemOf(error) }),
      );
    }, 250);
    return () => clearTimeout(timer);
  }, [text, wanted, lacks, resource.name, record.id, action.name]);
  return { ...result, lacks };
}

function Body({ resource, record, action, busy, onClose }: Props & { busy: boolean }) {
  const t = useT();
  const wanted = action.kind === 'transition' || !!action.preview;
  const { after, problem, lacks } = useDryRun({ resource, record, action }, wanted);
  return (
    <>
      <DialogContent dividers>
        {action.summary && <Typography sx={{ mb: 1.5 }}>{t(action.summary)}.</Typography>}
        <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: (action.fields ?? []).length > 1 ? 'repeat(2, minmax(0, 1fr))' : 'minmax(0, 1fr)' }, columnGap: 2, alignItems: 'start' }}>
          {(action.fields ?? []).map((f) => (
            <FieldInput key={f.name} field={asReference(resource, f)} side="create" />
          ))}
        </Box>
        {action.lines && <LinesInput lines={action.lines} parent={record} parentLines={resource.lines} />}
        {wanted && (
          <Box sx={{ mt: 2 }} aria-live="polite">
            <Typography variant="h3" component="h3" sx={{ mb: 1 }}>
              {t('What will happen')}
            </Typography>
            {problem && <Alert severity="error">{problem}</Alert>}
            {!problem && after && <Differences list={differences(resource, record, after)} before={record} after={after} resource={resource} />}
            {!problem && !after && <Typography color="text.secondary">{lacks ? t('Fill in what has a star first.') : t('Asking the server …')}</Typography>}
          </Box>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={() => onClose(null)}>{t('Not now')}</Button>
        <Button type="submit" variant="contained" color={isDanger(action) ? 'error' : 'primary'} disabled={busy || (wanted && !after)}>
          {t(action.label)}
        </Button>
      </DialogActions>
    </>
  );
}

export default function ActionDialog(props: Props) {
  const { resource, record, action, onClose } = props;
  const t = useT();
  const notify = useNotify();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));

  const submit = async (values: Values) => {
    setBusy(true);
    setProblem(null);
    try {
      const after = await dataProvider.act(resource.name, record.id, action.name, { body: bodyOf(action, values), version: record.version });
      notify(t('%{action}: done', { action: t(action.label) }), { type: 'success' });
      onClose(after);
      return undefined;
    } catch (error) {
      setProblem(problemOf(error as HttpError));
      return (error as HttpError).body?.errors as Record<string, string> | undefined;
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open fullWidth fullScreen={small} maxWidth={action.lines ? 'md' : 'sm'} onClose={() => onClose(null)} aria-labelledby="action-title" sx={{ '& form': { display: 'flex', flexDirection: 'column', minHeight: 0, flex: 1 } }}>
      <DialogTitle id="action-title">{t(action.label)}</DialogTitle>
      {/* The form is of the action, not of the record around it. */}
      <RecordContextProvider value={undefined}>
        <Form onSubmit={submit} resource={resource.name} sanitizeEmptyValues={false} warnWhenUnsavedChanges={false}>
        {problem && (
          <Alert severity="error" sx={{ mx: 3, mb: 1 }}>
            {problem}
          </Alert>
        )}
        <Body {...props} busy={busy} />
      </Form>
      </RecordContextProvider>
    </Dialog>
  );
}
