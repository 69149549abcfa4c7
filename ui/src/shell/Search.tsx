import { Box, Dialog, InputBase, Link, List, ListItem, Typography, ButtonBase } from '@mui/material';
import SearchIcon from '@mui/icons-material/Search';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Link as RouterLink, useNavigate } from 'react-router-dom';
import { read } from '../api/data';
import { useT } from '../i18n';
import { resourceNow, useResource } from '../meta/store';

type Find = { resource: string; id: number; title: string; subtitle: string | null };

function useFinds(text: string): Find[] | null {
  const [finds, setFinds] = useState<Find[] | null>(null);
  useEffect(() => {
    const wanted = text.trim();
    if (!wanted) {
      setFinds(null);
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      read<{ items: Find[] }>('search', '', { q: wanted, limit: 20 }, stop.signal).then(
        ({ items }) => setFinds(items),
        () => !stop.signal.aborted && setFinds([]),
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return finds;
}

function Results({ finds, onGo }: { finds: Find[]; onGo: () => void }) {
  const t = useT();
  if (!finds.length) return <Typography sx={{ p: 2 }}>{t('Nothing found')}</Typography>;
  return (
    <List dense>
      {finds.map((f) => (
        <ListItem key={`${f.resource}/${f.id}`} disablePadding>
          <Link component={RouterLink} to={`/${f.resource}/${f.id}/show`} onClick={onGo} data-find color="text.primary" sx={{ display: 'block', width: '100%', px: 2, py: 0.75, '&:hover, &:focus': { backgroundColor: 'action.hover' } }}>
            <b>{f.title}</b>
            <Typography component="span" variant="body2" color="text.secondary" sx={{ ml: 1 }}>
              {[t(resourceNow(f.resource)?.label ?? f.resource), f.subtitle].filter(Boolean).join(' · ')}
            </Typography>
          </Link>
        </ListItem>
      ))}
    </List>
  );
}

/** Arrows go through what was found. */
function step(event: KeyboardEvent<HTMLElement>) {
  const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (!by) return;
  event.preventDefault();
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('input, [data-find]')];
  all[Math.min(Math.max(all.indexOf(document.activeElement as HTMLElement) + by, 0), all.length - 1)]?.focus();
}

function SearchDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const finds = useFinds(text);
  const first = finds?.[0];
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-label={t('Search everything')} sx={{ '& .MuiDialog-container': { alignItems: 'flex-start' } }}>
      <Box onKeyDown={step}>
        <Box
          component="form"
          role="search"
          onSubmit={(e) => {
            e.preventDefault();
            if (!first) return;
            navigate(`/${first.resource}/${first.id}/show`);
            onClose();
          }}
          sx={{ display: 'flex', alignItems: 'center', gap: 1, px: 2, py: 1, borderBottom: 1, borderColor: 'divider' }}
        >
          <SearchIcon />
          <InputBase autoFocus fullWidth value={text} onChange={(e) => setText(e.target.value)} placeholder={t('Search everything')} inputProps={{ 'aria-label': t('Search everything') }} />
        </Box>
        <Box aria-live="polite">{finds && <Results finds={finds} onGo={onClose} />}</Box>
      </Box>
    </Dialog>
  );
}

/** Whatever the caller may see, by Ctrl+K from everywhere. */
export function Search() {
  const t = useT();
  const offered = useResource('search');
  const [open, setOpen] = useState(false);
  const opened = useRef(setOpen);
  useEffect(() => {
    const listen = (e: globalThis.KeyboardEvent) => {
      if (!(e.ctrlKey || e.metaKey) || e.key.toLowerCase() !== 'k') return;
      e.preventDefault();
      opened.current(true);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  if (!offered) return null;
  return (
    <>
      <ButtonBase
        onClick={() => setOpen(true)}
        aria-label={`${t('Search')} ${t('Ctrl+K')}`}
        aria-keyshortcuts="Control+K"
        sx={{ border: 1, borderColor: 'divider', borderRadius: 1, px: { xs: 1, sm: 1.25 }, py: 0.5, gap: 1, color: 'text.secondary', fontSize: '0.875rem', minWidth: { sm: 220 }, justifyContent: 'flex-start' }}
      >
        <SearchIcon fontSize="small" />
        <Box component="span" sx={{ display: { xs: 'none', sm: 'inline' }, flex: 1, textAlign: 'left' }}>
          {t('Search')}
        </Box>{' '}
        <Box component="kbd" sx={{ display: { xs: 'none', sm: 'inline' }, fontFamily: 'inherit', fontSize: '0.75rem' }}>
          {t('Ctrl+K')}
        </Box>
      </ButtonBase>
      {open && <SearchDialog onClose={() => setOpen(false)} />}
    </>
  );
}
