import { Alert, Box, Button, Paper } from '@mui/material';
import { useEffect, useState, type ComponentType } from 'react';
import { CreateBase, EditBase, Form, SaveButton, useEditContext, useNotify, useRedirect, type HttpError, type RaRecord } from 'react-admin';
import { useFormContext, useFormState } from 'react-hook-form';
import { Link } from 'react-router-dom';
import { dataProvider } from '../api/data';
import { useT } from '../i18n';
import { todayIn, useFormat } from '../i18n/format';
import { statusOf, useResource } from '../meta/store';
import type { Field, Resource } from '../meta/types';
import { PageTitle } from '../shared/PageTitle';
import { ChoiceChip } from '../shared/StatusChip';
import { Conflict } from './Conflict';
import { FieldInput, type Side } from './inputs';
import { titleOf } from './titles';
import { LinesInput } from './LinesInput';

const wide = (f: Field) => ['textarea', 'json'].includes(f.widget);
/** What has to be said and what names the record comes first. */
const weight = (f: Field, r: Resource) => (f.required ? 0 : f.name === r.title && !f.numbered ? 1 : wide(f) ? 3 : 2);

/** In some states only a few fields may still change. */
export const isFrozen = (r: Resource, record: RaRecord | undefined) =>
  !!record && (!!r.never_open || (!!r.open && !!r.status && !r.open.includes(record[r.status] as string)));

export type FieldsProps = { resource: Resource; side: Side; record?: RaRecord };
/** What a form has between its head and its buttons; a page of its own may lay it out otherwise. */
type Fields = ComponentType<FieldsProps>;

/** The alert above fields that cannot change any more. */
export function Frozen() {
  const t = useT();
  return (
    <Alert severity="info" sx={{ mb: 2 }}>
      {t('In its present state only some fields of this record can change.')}
    </Alert>
  );
}

export function FormFields({ resource, side, record }: FieldsProps) {
  const frozen = isFrozen(resource, record);
  const fields = (resource.fields ?? []).filter((f) => (side === 'create' ? f.create : f.update) && !(side === 'create' && f.numbered) && (!f.hidden || f.widget === 'password'));
  fields.sort((a, b) => weight(a, resource) - weight(b, resource));
  const { lines } = resource;
  return (
    <>
      {frozen && <Frozen />}
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr', lg: '1fr 1fr 1fr' }, columnGap: 2, alignItems: 'start' }}>
        {fields.map((f) => (
          <Box key={f.name} sx={{ gridColumn: wide(f) ? '1 / -1' : undefined, minWidth: 0 }}>
            <FieldInput field={f} side={side} disabled={frozen && !f.late} />
          </Box>
        ))}
      </Box>
      {lines && (side === 'create' || lines.update) && <LinesInput lines={lines} disabled={frozen} />}
    </>
  );
}

function Problems() {
  const t = useT();
  const { errors } = useFormState();
  const { watch, clearErrors } = useFormContext();
  // What the server says of a field that is no input here would keep the form from being sent again.
  useEffect(() => {
    const homeless = Object.keys(errors).filter((n) => errors[n]?.message && !errors[n]?.ref);
    const { unsubscribe } = watch(() => homeless.length && clearErrors(homeless));
    return unsubscribe;
  }, [errors, watch, clearErrors]);
  const names = Object.keys(errors);
  if (!names.length) return null;
  const root = errors.root?.['serverError'] as { message?: string } | undefined;
  return (
    <Alert severity="error" sx={{ mb: 2 }} role="alert">
      {root?.message ?? t('Some fields need another look: %{fields}', { fields: names.join(', ') })}
    </Alert>
  );
}

/** For what moves stock or money: what the server would make of it, before it does. */
function Preview({ resource }: { resource: Resource }) {
  const t = useT();
  const { getValues, setError } = useFormContext();
  const [said, setSaid] = useState<{ record?: RaRecord; problem?: string }>({});
  const run = () =>
    void dataProvider.create(resource.name, { data: getValues(), meta: { query: { dry_run: true } } }).then(
      ({ data }) => setSaid({ record: data }),
      (error: HttpError) => {
        const errors = (error.body?.errors ?? {}) as Record<string, string>;
        for (const [name, message] of Object.entries(errors)) setError(name, { type: 'server', message });
        setSaid({ problem: error.message });
      },
    );
  const { record, problem } = said;
  return (
    <Box sx={{ mt: 2 }} aria-live="polite">
      <Button onClick={run} variant="outlined" size="small">
        {t('What will happen?')}
      </Button>
      {problem && (
        <Alert severity="error" sx={{ mt: 1 }}>
          {problem}
        </Alert>
      )}
      {record && (
        <Alert severity="info" sx={{ mt: 1 }}>
          {(resource.fields ?? [])
            .filter((f) => (f.column || f.sum) && record[f.name] !== null && record[f.name] !== undefined)
            .map((f) => `${t(f.label)}: ${String((f.name_field && record[f.name_field]) || record[f.name])}`)
            .join(' · ')}
        </Alert>
      )}
    </Box>
  );
}

function Bar({ side, back }: { side: Side; back: string }) {
  const t = useT();
  return (
    <Box sx={{ position: 'sticky', bottom: 0, zIndex: 2, display: 'flex', gap: 1, py: 1.5, mt: 2, backgroundColor: 'background.paper', borderTop: 1, borderColor: 'divider' }}>
      <SaveButton label={side === 'create' ? t('Create') : t('Save')} alwaysEnable={side === 'create'} />
      <Button component={Link} to={back}>
        {t('Back without saving')}
      </Button>
    </Box>
  );
}

/** A new record of any resource; `usual` is what a page of its own knows beyond the defaults of the fields. */
export function CreatePage({ resource: name, fields: Fields = FormFields, usual }: { resource: string; fields?: Fields; usual?: Record<string, unknown> }) {
  const t = useT();
  const { zone } = useFormat();
  const resource = useResource(name);
  const notify = useNotify();
  const redirect = useRedirect();
  if (!resource) return null;
  const given = (v: unknown) => (v === 'today' ? todayIn(zone) : ['now', 'me'].includes(v as string) ? undefined : v);
  const defaults = { ...Object.fromEntries((resource.fields ?? []).filter((f) => f.create && given(f.default) !== undefined).map((f) => [f.name, given(f.default)])), ...usual };
  return (
    <CreateBase
      resource={name}
      transform={(data: Record<string, unknown>) => Object.fromEntries(Object.entries(data).filter(([, v]) => v !== null && v !== ''))}
      mutationOptions={{
        onSuccess: (data: RaRecord) => {
          notify(t('Created'), { type: 'success' });
          redirect('show', name, data.id);
        },
      }}
    >
      <PageTitle title={t('New: %{name}', { name: t(resource.label) })} subtitle={resource.summary ? t(resource.summary) : undefined} />
      <Paper sx={{ p: { xs: 1.5, sm: 2.5 }, pb: 0, border: 1, borderColor: 'divider' }}>
        <Form defaultValues={resource.lines ? { ...defaults, [resource.lines.name]: [{}] } : defaults} warnWhenUnsavedChanges>
          <Problems />
          <Fields resource={resource} side="create" />
          {resource.preview && <Preview resource={resource} />}
          <Bar side="create" back={`/${name}`} />
        </Form>
      </Paper>
    </CreateBase>
  );
}

function EditForm({ resource, fields: Fields, conflict, setConflict }: { resource: Resource; fields: Fields; conflict: Record<string, unknown> | null; setConflict: (v: null) => void }) {
  const t = useT();
  const { record } = useEditContext();
  if (!record) return null;
  const status = statusOf(resource);
  return (
    <>
      <PageTitle title={resource.singleton ? t(resource.label) : titleOf(resource, record)} subtitle={t(resource.singleton ? (resource.summary ?? '') : resource.label)} chip={status && <ChoiceChip field={status} value={record[status.name]} state />} />
      <Paper sx={{ p: { xs: 1.5, sm: 2.5 }, pb: 0, border: 1, borderColor: 'divider' }}>
        <Form warnWhenUnsavedChanges>
          <Problems />
          {conflict && <Conflict resource={resource} record={record} mine={conflict} onDone={() => setConflict(null)} />}
          <Fields resource={resource} side="update" record={record} />
          <Bar side="update" back={resource.singleton ? '/' : `/${resource.name}/${record.id}/show`} />
        </Form>
      </Paper>
    </>
  );
}

/** A change of one record of any resource. */
export function EditPage({ resource: name, id, fields = FormFields }: { resource: string; id?: string; fields?: Fields }) {
  const t = useT();
  const resource = useResource(name);
  const notify = useNotify();
  const redirect = useRedirect();
  const [conflict, setConflict] = useState<Record<string, unknown> | null>(null);
  if (!resource) return null;
  return (
    <EditBase
      resource={name}
      id={id}
      mutationMode="pessimistic"
      queryOptions={{ retry: false }}
      mutationOptions={{
        onSuccess: (data: RaRecord) => {
          setConflict(null);
          notify(t('Saved'), { type: 'success' });
          if (!resource.singleton) redirect('show', name, data.id);
        },
        onError: (error: unknown, variables: { data?: Record<string, unknown> }) => {
          const { status, message, body } = error as HttpError;
          if (status === 412) setConflict(variables.data ?? {});
          else if (!body?.errors) notify(message, { type: 'error', autoHideDuration: 8000 });
        },
      }}
    >
      <EditForm resource={resource} fields={fields} conflict={conflict} setConflict={setConflict} />
    </EditBase>
  );
}
