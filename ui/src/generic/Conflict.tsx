import { Alert, AlertTitle, Box, Button, Table, TableBody, TableCell, TableHead, TableRow } from '@mui/material';
import { useEffect, useState } from 'react';
import { useNotify, useRefresh, type RaRecord } from 'react-admin';
import { changed, dataProvider } from '../api/data';
import { useT } from '../i18n';
import { fieldOf } from '../meta/store';
import type { Resource } from '../meta/types';
import { FieldValue } from './values';
import { Scrolling } from '../shared/Scrolling';

type Props = { resource: Resource; record: RaRecord; mine: Record<string, unknown>; onDone: () => void };

/** Somebody else has changed the record meanwhile: both versions, field by field. */
export function Conflict({ resource, record, mine, onDone }: Props) {
  const t = useT();
  const notify = useNotify();
  const refresh = useRefresh();
  const [theirs, setTheirs] = useState<RaRecord | null>(null);
  useEffect(() => {
    void dataProvider.getOne(resource.name, { id: record.id }).then(({ data }) => setTheirs(data));
  }, [resource.name, record.id]);
  if (!theirs) return null;
  const asked = changed(resource.name, mine, record);
  const names = new Set([...Object.keys(asked), ...Object.keys(changed(resource.name, theirs, record))]);
  const value = (name: string, of: Record<string, unknown>) => {
    const field = fieldOf(resource, name);
    return field ? <FieldValue field={field} record={{ id: 0, ...of }} plain /> : JSON.stringify(of[name]);
  };
  const keepMine = async () => {
    try {
      await dataProvider.update(resource.name, { id: record.id, data: { ...theirs, ...asked }, previousData: theirs });
      notify(t('Saved'), { type: 'success' });
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
    onDone();
    refresh();
  };
  return (
    <Alert severity="warning" sx={{ mb: 2, '& .MuiAlert-message': { width: '100%' } }} role="alert">
      <AlertTitle>{t('Somebody else has changed this record meanwhile')}</AlertTitle>
      <Scrolling label={t('Somebody else has changed this record meanwhile')}>
        <Table size="small">
          <TableHead>
            <TableRow>
              <TableCell>{t('Field')}</TableCell>
              <TableCell>{t('Before')}</TableCell>
              <TableCell>{t('Yours')}</TableCell>
              <TableCell>{t('Theirs')}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {[...names].map((name) => (
              <TableRow key={name}>
                <TableCell>{t(fieldOf(resource, name)?.label ?? resource.lines?.label ?? name)}</TableCell>
                <TableCell>{value(name, record)}</TableCell>
                <TableCell>{value(name, mine)}</TableCell>
                <TableCell>{value(name, theirs)}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Scrolling>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mt: 1.5 }}>
        <Button size="small" variant="contained" onClick={() => void keepMine()}>
          {t('Save mine over theirs')}
        </Button>
        <Button
          size="small"
          variant="outlined"
          onClick={() => {
            onDone();
            refresh();
          }}
        >
          {t('Take theirs')}
        </Button>
      </Box>
    </Alert>
  );
}
