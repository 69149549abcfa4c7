import { Box, Button, Menu, MenuItem } from '@mui/material';
import Translate from '@mui/icons-material/Translate';
import { useState } from 'react';
import { useLocaleState } from 'react-admin';
import { LOCALES, useT } from '../i18n';

/** The language; each is called by its own name. */
export function LocaleMenu() {
  const t = useT();
  const [locale, setLocale] = useLocaleState();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const choose = (next: string) => {
    setAnchor(null);
    setLocale(next);
  };
  return (
    <>
      <Button color="inherit" startIcon={<Translate />} aria-haspopup="menu" aria-label={`${locale.toUpperCase()}: ${t('Language')}`} onClick={(e) => setAnchor(e.currentTarget)} sx={{ minWidth: 0, '& .MuiButton-startIcon': { mx: { xs: 0.5, sm: undefined } } }}>
        <Box component="span" sx={{ display: { xs: 'none', sm: 'inline' } }}>
          {locale.toUpperCase()}
        </Box>
      </Button>
      <Menu anchorEl={anchor} open={!!anchor} onClose={() => setAnchor(null)}>
        {LOCALES.map((l) => (
          <MenuItem key={l.locale} selected={l.locale === locale} lang={l.locale} onClick={() => choose(l.locale)}>
            {l.name}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
