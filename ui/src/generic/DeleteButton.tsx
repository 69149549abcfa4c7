import { Button } from '@mui/material';
import Delete from '@mui/icons-material/DeleteOutline';
import { useState } from 'react';
import { Confirm, useDelete, useNotify, useRedirect, type RaRecord } from 'react-admin';
import { useT } from '../i18n';
import type { Resource } from '../meta/types';
import { titleOf } from './titles';

export function DeleteButton({ resource, record }: { resource: Resource; record: RaRecord }) {
  const t = useT();
  const notify = useNotify();
  const redirect = useRedirect();
  const [asked, setAsked] = useState(false);
  const [remove, { isPending }] = useDelete();
  const run = () =>
    void remove(
      resource.name,
      { id: record.id, previousData: record },
      {
        onSuccess: () => {
          notify(t('Deleted'), { type: 'success' });
          redirect('list', resource.name);
        },
        onError: (error) => {
          setAsked(false);
          notify((error as Error).message, { type: 'error' });
        },
      },
    );
  return (
    <>
      <Button size="small" color="error" startIcon={<Delete />} onClick={() => setAsked(true)}>
        {t('Delete')}
      </Button>
      <Confirm isOpen={asked} loading={isPending} title={t('Delete %{name}?', { name: titleOf(resource, record) })} content={t('This cannot be undone. The journal keeps what was there.')} onConfirm={run} onClose={() => setAsked(false)} />
    </>
  );
}
