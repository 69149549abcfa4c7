import { Box, Button, FormControlLabel, MenuItem, Switch, TextField } from '@mui/material';
import Add from '@mui/icons-material/Add';
import { useState } from 'react';
import { Link } from 'react-router-dom';
import { useT } from '../../i18n';
import { fieldOf, useMeta, useResource } from '../../meta/store';
import type { Resource } from '../../meta/types';

/** What narrows a board: words, whose, how urgent. Filters are the API's parameters. */
export function useBoardFilters(name: string) {
  const t = useT();
  const { caller } = useMeta();
  const resource = useResource(name);
  const [text, setText] = useState('');
  const [mine, setMine] = useState(false);
  const [priority, setPriority] = useState('');
  const filter: Record<string, unknown> = { ...(text.trim() && { q: text.trim() }), ...(mine && { assigned_to: caller.id }), ...(priority && { priority }) };
  const choices = fieldOf(resource, 'priority')?.choices;
  const bar = (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1.5, mb: 1, alignItems: 'center' }} role="search">
      <TextField label={t('Search')} value={text} onChange={(e) => setText(e.target.value)} sx={{ flex: '1 1 10rem', maxWidth: '20rem' }} type="search" />
      {choices && (
        <TextField select label={t('Priority')} value={priority} onChange={(e) => setPriority(e.target.value)} sx={{ flex: '0 1 9rem', minWidth: '7rem' }}>
          <MenuItem value="">{t('all')}</MenuItem>
          {choices.map((c) => (
            <MenuItem key={c.name} value={c.name}>
              {t(c.label)}
            </MenuItem>
          ))}
        </TextField>
      )}
      <FormControlLabel control={<Switch checked={mine} onChange={(e) => setMine(e.target.checked)} />} label={t('Only mine')} />
    </Box>
  );
  return { filter, bar };
}

export function BoardActions({ resource }: { resource: Resource }) {
  const t = useT();
  return (
    <>
      <Button component={Link} to={`/${resource.name}`} size="small" variant="outlined">
        {t('As a list')}
      </Button>
      {resource.may.create && (
        <Button component={Link} to={`/${resource.name}/create`} size="small" variant="contained" startIcon={<Add />}>
          {t('New')}
        </Button>
      )}
    </>
  );
}
