import { Autocomplete, TextField, type TextFieldProps } from '@mui/material';
import { useEffect, useState } from 'react';
import type { RaRecord } from 'react-admin';
import { call } from '../api/http';
import { filterQuery, pathOf } from '../api/data';
import { searchOf } from '../generic/inputs';
import { titleOf } from '../generic/titles';
import { useT } from '../i18n';
import { useResource } from '../meta/store';

type Props = {
  resource: string;
  label: string;
  value: RaRecord | null;
  onChange: (record: RaRecord | null) => void;
  /** Of the API: {usage: 'internal'}. */
  filter?: Record<string, unknown>;
  disabled?: boolean;
  error?: string;
  size?: TextFieldProps['size'];
};

/** Searches a resource for one record, outside of forms. */
export function RecordPicker({ resource, label, value, onChange, filter, disabled, error }: Props) {
  const t = useT();
  const r = useResource(resource);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [found, setFound] = useState<RaRecord[]>([]);
  const more = JSON.stringify(filter ?? {});
  useEffect(() => {
    if (!open || !r) return undefined;
    const stop = new AbortController();
    const typed = value && text === titleOf(r, value) ? '' : text.trim();
    const timer = setTimeout(() => {
      const query = { page_size: 20, count: 'none', ...(JSON.parse(more) as object), ...(typed ? filterQuery(searchOf(r)(typed)) : {}) };
      call<{ items: RaRecord[] }>('GET', pathOf(resource), { query, signal: stop.signal }).then(
        ({ json }) => setFound(json.items),
        () => undefined,
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [open, text, resource, r, more, value]);
  if (!r?.may.list) return null;
  return (
    <Autocomplete
      options={found}
      filterOptions={(x) => x}
      value={value}
      disabled={disabled}
      onChange={(_, record) => onChange(record)}
      onInputChange={(_, typed) => setText(typed)}
      onOpen={() => setOpen(true)}
      onClose={() => setOpen(false)}
      isOptionEqualToValue={(a, b) => a.id === b.id}
      getOptionLabel={(record) => titleOf(r, record)}
      getOptionKey={(record) => record.id}
      noOptionsText={t('Nothing found')}
      openText={t('Open')}
      closeText={t('Close')}
      clearText={t('Clear')}
      renderInput={(params) => <TextField {...params} label={label} error={!!error} helperText={error} sx={{ my: 0 }} />}
    />
  );
}
