import { Alert, Box, Button, Chip, TextField, Typography } from '@mui/material';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNotify, type HttpError } from 'react-admin';
import { call } from '../../api/http';
import { takeToken } from '../../api/session';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { forgetMeta, loadMeta, may, useMeta } from '../../meta/store';
import { PageTitle } from '../../shared';
import { Panel } from '../../shared/Chart';
import { ApiKeys } from './keys';

type Wrong = Record<string, string>;
const wrongOf = (error: unknown): Wrong => ((error as HttpError).body?.errors as Wrong | undefined) ?? { '': (error as Error).message };
const values = (e: FormEvent<HTMLFormElement>) => Object.fromEntries([...new FormData(e.currentTarget)].map(([k, v]) => [k, String(v)])) as Record<string, string>;

function Name() {
  const t = useT();
  const notify = useNotify();
  const { caller } = useMeta();
  const [wrong, setWrong] = useState<Wrong>({});
  const save = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    try {
      await call('PATCH', '/auth/me', { body: values(e) });
      setWrong({});
      notify(t('Saved'), { type: 'success' });
      forgetMeta();
      await loadMeta();
    } catch (error) {
      setWrong(wrongOf(error));
    }
  };
  return (
    <Panel title={t('You')}>
      <form onSubmit={(e) => void save(e)}>
        {wrong[''] && <Alert severity="error">{wrong['']}</Alert>}
        <TextField name="full_name" label={t('Name')} defaultValue={caller.full_name ?? ''} fullWidth error={!!wrong['full_name']} helperText={wrong['full_name']} autoComplete="name" />
        <TextField name="email" label={t('E-mail address')} type="email" defaultValue={caller.email} fullWidth error={!!wrong['email']} helperText={wrong['email']} autoComplete="email" />
        <Typography variant="body2" color="text.secondary" sx={{ my: 1 }}>
          {t('User name: %{name} · Role: %{role}', { name: caller.username, role: t(caller.role) })}
        </Typography>
        <Button type="submit" variant="contained" size="small">
          {t('Save')}
        </Button>
      </form>
    </Panel>
  );
}

function Password() {
  const t = useT();
  const notify = useNotify();
  const [wrong, setWrong] = useState<Wrong>({});
  const save = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const form = e.currentTarget;
    const { current_password, new_password, again } = values(e);
    if (new_password !== again) return setWrong({ again: t('is not the same') });
    try {
      const { json } = await call<{ access_token: string }>('POST', '/auth/change-password', { body: { current_password, new_password } });
      takeToken(json.access_token);
      setWrong({});
      form.reset();
      notify(t('The password is changed; you are signed out everywhere else.'), { type: 'success' });
    } catch (error) {
      setWrong(wrongOf(error));
    }
    return undefined;
  };
  const field = (name: string, label: string, complete: string) => <TextField name={name} label={label} type="password" required fullWidth autoComplete={complete} error={!!wrong[name]} helperText={wrong[name] && t(wrong[name])} />;
  return (
    <Panel title={t('Change the password')}>
      <form onSubmit={(e) => void save(e)}>
        {wrong[''] && (
          <Alert severity="error" role="alert">
            {t(wrong[''])}
          </Alert>
        )}
        {field('current_password', t('Present password'), 'current-password')}
        {field('new_password', t('New password'), 'new-password')}
        {field('again', t('New password once more'), 'new-password')}
        <Button type="submit" variant="contained" size="small" sx={{ mt: 1 }}>
          {t('Change the password')}
        </Button>
      </form>
    </Panel>
  );
}

type Session = { id: number; user_agent: string; ip: string; created_at: string; last_used_at: string; current: boolean };
/** "Firefox on Windows", as far as it can be told. */
function browserOf(agent: string): string {
  const what = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /Chrom(e|ium)\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : agent.split('/')[0];
  const where = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(agent)?.[0];
  return [what, where].filter(Boolean).join(' · ');
}

function Sessions() {
  const t = useT();
  const f = useFormat();
  const notify = useNotify();
  const client = useQueryClient();
  const { data } = useQuery({ queryKey: ['sessions'], queryFn: async () => (await call<{ items: Session[] }>('GET', '/auth/sessions')).json.items, retry: false });
  const end = async (id?: number) => {
    try {
      await call('DELETE', `/auth/sessions${id === undefined ? '' : `/${id}`}`);
      notify(t('Signed out there'), { type: 'success' });
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
    await client.invalidateQueries({ queryKey: ['sessions'] });
  };
  return (
    <Panel
      title={t('Where you are signed in')}
      action={
        (data?.length ?? 0) > 1 && (
          <Button size="small" color="error" onClick={() => void end()}>
            {t('Sign out everywhere else')}
          </Button>
        )
      }
    >
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {(data ?? []).map((s) => (
          <Box component="li" key={s.id} sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: 1, py: 0.75, borderTop: 1, borderColor: 'divider' }}>
            <Box sx={{ minWidth: 0 }}>
              <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{browserOf(s.user_agent) || t('unknown program')}</Typography>
              <Typography variant="body2" color="text.secondary">
                {s.ip} · {t('last used %{when}', { when: f.ago(s.last_used_at) })}
              </Typography>
            </Box>
            {s.current ? (
              <Chip size="small" label={t('this one')} />
            ) : (
              <Button size="small" color="error" onClick={() => void end(s.id)} aria-label={t('Sign out: %{name}', { name: browserOf(s.user_agent) || `${s.id}` })}>
                {t('Sign out')}
              </Button>
            )}
          </Box>
        ))}
      </Box>
    </Panel>
  );
}

/** Oneself: name, password, sessions, keys. */
export default function Profile() {
  const t = useT();
  return (
    <>
      <PageTitle title={t('Profile')} />
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' }, gap: 2, alignItems: 'start' }}>
        <Name />
        <Password />
        <Sessions />
        {may('api-keys', 'list') && <ApiKeys />}
      </Box>
    </>
  );
}
