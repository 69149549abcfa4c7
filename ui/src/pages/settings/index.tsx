import { Alert, Box, Button, Link, MenuItem, Paper, Skeleton, Tab, Table, TableBody, TableCell, TableHead, TableRow, Tabs, TextField, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { EditBase, Form, SaveButton, useGetList, useNotify, type HttpError, type RaRecord } from 'react-admin';
import { Link as RouterLink, useSearchParams } from 'react-router-dom';
import { dataProvider, read } from '../../api/data';
import { FieldInput } from '../../generic/inputs';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { fieldOf, may, useMeta, useResource } from '../../meta/store';
import { PageTitle } from '../../shared';
import { Panel } from '../../shared/Chart';
import { Hours } from './Hours';
import { Once } from './Once';
import { Scrolling } from '../../shared/Scrolling';

type Group = { title: string; help?: string; fields: string[] };
const COMPANY: Group[] = [{ title: 'Company', fields: ['name', 'email', 'phone', 'tax_id', 'currency', 'time_zone', 'address'] }];
const RULES: Group[] = [
  { title: 'Money and tax', fields: ['currency', 'tax_rate', 'max_discount_percent'] },
  { title: 'Stock', help: 'How stock is valued, and what is allowed.', fields: ['valuation_method', 'negative_stock', 'over_receipt_tolerance', 'expiry_warning_days', 'period_close_date'] },
  { title: 'Answering and solving issues', help: 'Hours within working time; what is late is told to whoever it is assigned to.', fields: ['issue_urgent_response_hours', 'issue_urgent_resolution_hours', 'issue_high_response_hours', 'issue_high_resolution_hours', 'issue_medium_response_hours', 'issue_medium_resolution_hours', 'issue_low_response_hours', 'issue_low_resolution_hours'] },
  { title: 'Working time', help: 'When issues are worked on; a time before the day’s first is after midnight.', fields: ['working_hours'] },
];

/** Some fields of a record that there is one of, under headings; saved together. */
function Groups({ resource: name, id, groups }: { resource: string; id: number; groups: Group[] }) {
  const t = useT();
  const notify = useNotify();
  const resource = useResource(name);
  if (!resource) return null;
  return (
    <EditBase
      resource={name}
      id={id}
      redirect={false}
      mutationMode="pessimistic"
      disableAuthentication // who may only read sees what is set; react-admin would send them away for not being allowed to edit
      loading={<Skeleton variant="rectangular" height={320} />} // what is typed into a form before its record is there is lost
      queryOptions={{ retry: false }}
      mutationOptions={{
        onSuccess: () => notify(t('Saved'), { type: 'success' }),
        onError: (error: unknown) => !(error as HttpError).body?.errors && notify((error as Error).message, { type: 'error' }),
      }}
    >
      <Form warnWhenUnsavedChanges>
        <Box sx={{ display: 'grid', gap: 2 }}>
          {groups.map((g) => (
            <Panel key={g.title} title={t(g.title)}>
              {g.help && (
                <Typography variant="body2" color="text.secondary" sx={{ mb: 1 }}>
                  {t(g.help)}
                </Typography>
              )}
              <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: 'repeat(2, minmax(0, 1fr))' }, columnGap: 2, alignItems: 'start' }}>
                {g.fields.map((n) => {
                  const field = fieldOf(resource, n);
                  if (field && n === 'working_hours') return <Hours key={n} source={n} disabled={!resource.may.update || !field.update} />;
                  return field && <FieldInput key={n} field={field} side="update" disabled={!resource.may.update || !field.update} />;
                })}
              </Box>
            </Panel>
          ))}
        </Box>
        {resource.may.update && (
          <Box sx={{ position: 'sticky', bottom: 0, zIndex: 2, py: 1.5, backgroundColor: 'background.default' }}>
            <SaveButton label={t('Save')} />
          </Box>
        )}
      </Form>
    </EditBase>
  );
}

/** Whether somebody on the network could read along. */
function Encryption() {
  const t = useT();
  const { data } = useQuery({ queryKey: ['setup'], queryFn: () => read<{ encrypted: boolean }>('setup', ''), retry: false });
  if (!data || data.encrypted) return null;
  return (
    <Alert severity="warning" sx={{ mb: 2 }}>
      {t('This connection is not encrypted: who is on the network can read passwords along. Start the program with --tls-cert and --tls-key, or put a proxy with HTTPS before it (docs/operating.md).')}
    </Alert>
  );
}

function Invite({ onMade }: { onMade: () => void }) {
  const t = useT();
  const { data: roles } = useGetList<RaRecord>('roles', { pagination: { page: 1, perPage: 200 }, sort: { field: 'name', order: 'ASC' } }, { retry: false });
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [link, setLink] = useState<string | null>(null);
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const form = e.currentTarget;
    const [email, role] = ['email', 'role'].map((n) => String(new FormData(form).get(n) ?? ''));
    try {
      const made = await dataProvider.act('invitations', null, '', { body: { email, role_id: Number(role) } });
      setLink(`${window.location.origin}/#/join?invitation=${encodeURIComponent(String(made['token']))}&email=${encodeURIComponent(String(email))}`);
      setWrong({});
      form.reset();
      onMade();
    } catch (error) {
      const { body, message } = error as HttpError;
      setWrong((body?.errors as Record<string, string>) ?? { '': message });
    }
  };
  return (
    <Panel title={t('Invite somebody')}>
      {wrong[''] && (
        <Alert severity="error" role="alert">
          {t(wrong[''])}
        </Alert>
      )}
      <Box component="form" noValidate onSubmit={(e) => void submit(e as FormEvent<HTMLFormElement>)} sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'flex-start' }}>
        <TextField name="email" label={t('E-mail address')} type="email" required error={!!wrong['email']} helperText={wrong['email'] && t(wrong['email'])} sx={{ flex: '2 1 14rem' }} />
        <TextField name="role" label={t('Role')} select required defaultValue="" error={!!wrong['role_id']} helperText={wrong['role_id'] && t(wrong['role_id'])} sx={{ flex: '1 1 10rem' }}>
          {(roles ?? []).filter((r) => r['name'] !== 'customer').map((r) => (
            <MenuItem key={String(r.id)} value={r.id}>
              {t(String(r['name']))}
            </MenuItem>
          ))}
        </TextField>
        <Button type="submit" variant="contained" sx={{ mt: 1 }}>
          {t('Invite')}
        </Button>
      </Box>
      {link && <Once text={t('Send this link to them; it is shown this once, and works for seven days.')} label={t('Link to join')} secret={link} onClose={() => setLink(null)} />}
    </Panel>
  );
}

function People() {
  const t = useT();
  const f = useFormat();
  const notify = useNotify();
  const all = { pagination: { page: 1, perPage: 200 }, sort: { field: 'id', order: 'ASC' as const } };
  const users = useGetList<RaRecord>('users', all, { retry: false });
  const invitations = useGetList<RaRecord>('invitations', all, { enabled: may('invitations', 'list'), retry: false });
  const waiting = (invitations.data ?? []).filter((i) => !i['accepted_at']);
  const withdraw = async (i: RaRecord) => {
    try {
      await dataProvider.delete('invitations', { id: i.id });
      notify(t('Withdrawn'), { type: 'success' });
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
    await invitations.refetch();
  };
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 2 }}>
      {may('invitations', '') && <Invite onMade={() => void invitations.refetch()} />}
      <Panel title={t('Users')}>
        <Scrolling label={t('Users')} role="region">
          <Table size="small">
            <TableHead>
              <TableRow>
                {['Name', 'E-mail address', 'Role', 'Active'].map((h) => (
                  <TableCell key={h}>{t(h)}</TableCell>
                ))}
              </TableRow>
            </TableHead>
            <TableBody>
              {(users.data ?? []).map((u) => (
                <TableRow key={String(u.id)}>
                  <TableCell>
                    <Link component={RouterLink} to={may('users', 'update') ? `/users/${String(u.id)}` : `/users/${String(u.id)}/show`}>
                      {String(u['full_name'] ?? u['username'])}
                    </Link>
                  </TableCell>
                  <TableCell>{String(u['email'])}</TableCell>
                  <TableCell>{t(String(u['role_name']))}</TableCell>
                  <TableCell>{u['is_active'] ? t('Yes') : t('No')}</TableCell>
                </TableRow>
              ))}
              {waiting.map((i) => (
                <TableRow key={`i${String(i.id)}`}>
                  <TableCell>
                    <i>{t('invited')}</i>
                  </TableCell>
                  <TableCell>{String(i['email'])}</TableCell>
                  <TableCell>{t(String(i['role_name']))}</TableCell>
                  <TableCell>
                    {t('until %{date}', { date: f.date(i['expires_at'] as string) })}{' '}
                    {may('invitations', 'delete') && (
                      <Button size="small" color="error" onClick={() => void withdraw(i)} aria-label={t('Withdraw: %{name}', { name: i['email'] })}>
                        {t('Withdraw')}
                      </Button>
                    )}
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Scrolling>
        {may('roles', 'list') && (
          <Button component={RouterLink} to="/roles" size="small" sx={{ mt: 1 }}>
            {t('What each role may do')}
          </Button>
        )}
      </Panel>
    </Box>
  );
}

/** The organization: what it is, its rules, its people. */
export default function Settings() {
  const t = useT();
  const { caller } = useMeta();
  const [params, setParams] = useSearchParams();
  const parts = [
    { id: 'company', label: t('Company'), shown: may('organizations', 'get'), body: () => <Groups resource="organizations" id={caller.organization.id} groups={COMPANY} /> },
    { id: 'rules', label: t('Rules'), shown: may('system-settings', 'get'), body: () => <Groups resource="system-settings" id={1} groups={RULES} /> },
    { id: 'people', label: t('People'), shown: may('users', 'list'), body: () => <People /> },
  ].filter((p) => p.shown);
  const at = parts.find((p) => p.id === params.get('tab')) ?? parts[0];
  return (
    <>
      <PageTitle title={t('Settings')} subtitle={caller.organization.name} />
      <Encryption />
      <Paper sx={{ mb: 2, border: 1, borderColor: 'divider' }}>
        <Tabs value={at?.id ?? false} onChange={(_, id: string) => setParams({ tab: id }, { replace: true })} variant="scrollable" aria-label={t('Settings')}>
          {parts.map((p) => (
            <Tab key={p.id} value={p.id} label={p.label} id={`tab-${p.id}`} aria-controls={`panel-${p.id}`} />
          ))}
        </Tabs>
      </Paper>
      {at && (
        <Box role="tabpanel" id={`panel-${at.id}`} aria-labelledby={`tab-${at.id}`}>
          {at.body()}
        </Box>
      )}
    </>
  );
}
