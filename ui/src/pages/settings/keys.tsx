import { Box, Button, TextField, Typography } from '@mui/material';
import { useState, type FormEvent } from 'react';
import { Confirm, useGetList, useNotify, type HttpError, type RaRecord } from 'react-admin';
import { dataProvider } from '../../api/data';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { may } from '../../meta/store';
import { Panel } from '../../shared/Chart';
import { Once } from './Once';

/** API keys: made once, shown once, revoked. */
export function ApiKeys() {
  const t = useT();
  const f = useFormat();
  const notify = useNotify();
  const { data, refetch } = useGetList<RaRecord>('api-keys', { pagination: { page: 1, perPage: 100 }, sort: { field: 'id', order: 'DESC' } }, { retry: false });
  const [made, setMade] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [asked, setAsked] = useState<RaRecord | null>(null);
  const create = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const form = e.currentTarget;
    const expires = String(new FormData(form).get('expires') ?? '');
    try {
      const key = await dataProvider.act('api-keys', null, '', { body: { name: String(new FormData(form).get('name')), ...(expires && { expires_at: `${expires}T23:59:59Z` }) } });
      setMade(String(key['key']));
      setWrong(null);
      form.reset();
    } catch (error) {
      const { body, message } = error as HttpError;
      setWrong(body?.errors ? Object.values(body.errors as Record<string, string>).join('; ') : message);
    }
    await refetch();
  };
  const revoke = async (key: RaRecord) => {
    setAsked(null);
    try {
      await dataProvider.act('api-keys', key.id as number, 'revoke');
      notify(t('Revoked'), { type: 'success' });
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
    await refetch();
  };
  return (
    <Panel title={t('API keys')}>
      <Typography variant="body2" color="text.secondary">
        {t('For programs that work in your name. A key is shown once.')}
      </Typography>
      {made && <Once text={t('This is the key; it is not shown again.')} label={t('API key')} secret={made} onClose={() => setMade(null)} />}
      {may('api-keys', 'create') || may('api-keys', '') ? (
        <Box component="form" onSubmit={(e) => void create(e as FormEvent<HTMLFormElement>)} sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'flex-start', my: 1 }}>
          <TextField name="name" label={t('Name')} required error={!!wrong} helperText={wrong && t(wrong)} sx={{ flex: '2 1 10rem' }} />
          <TextField name="expires" label={t('Expires')} type="date" slotProps={{ inputLabel: { shrink: true } }} sx={{ flex: '1 1 9rem' }} />
          <Button type="submit" variant="outlined" sx={{ mt: 1 }}>
            {t('Make a key')}
          </Button>
        </Box>
      ) : null}
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {(data ?? []).map((k) => (
          <Box component="li" key={String(k.id)} sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: 1, py: 0.75, borderTop: 1, borderColor: 'divider' }}>
            <Box sx={{ minWidth: 0 }}>
              <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{String(k['name'])}</Typography>
              <Typography variant="body2" color="text.secondary">
                mw_…{String(k['prefix'])}… · {k['revoked_at'] ? t('revoked') : k['last_used_at'] ? t('last used %{when}', { when: f.ago(k['last_used_at'] as string) }) : t('never used')}
                {k['expires_at'] && ` · ${t('expires %{date}', { date: f.date(k['expires_at'] as string) })}`}
              </Typography>
            </Box>
            {!k['revoked_at'] && (
              <Button size="small" color="error" onClick={() => setAsked(k)} aria-label={t('Revoke: %{name}', { name: k['name'] })}>
                {t('Revoke')}
              </Button>
            )}
          </Box>
        ))}
      </Box>
      {asked && <Confirm isOpen title={t('Revoke %{name}?', { name: asked['name'] })} content={t('Programs that use this key stop working at once.')} onConfirm={() => void revoke(asked)} onClose={() => setAsked(null)} />}
    </Panel>
  );
}
