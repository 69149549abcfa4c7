import { Box, ButtonBase, InputBase, Typography, useMediaQuery, type Theme } from '@mui/material';
import ExpandMore from '@mui/icons-material/ExpandMore';
import HomeIcon from '@mui/icons-material/HomeOutlined';
import Search from '@mui/icons-material/Search';
import { useMemo, useState } from 'react';
import { useSidebarState, useStore } from 'react-admin';
import { Link, NavLink, useLocation } from 'react-router-dom';
import { useT } from '../i18n';
import { useMeta } from '../meta/store';
import type { Resource } from '../meta/types';
import { pages, usable } from '../pages';
import { rail } from '../theme';
import { areaLabel, areaOrder } from './areas';

type Item = { to: string; label: string };
type Group = { area: string; label: string; items: Item[] };

const inMenu = (r: Resource) => !!r.may.list || (!!r.singleton && !!r.may.get);

function useGroups(): Group[] {
  const t = useT();
  const { resources } = useMeta();
  return useMemo(() => {
    const groups = new Map<string, Group>();
    const add = (area: string, item: Item) => {
      if (!groups.has(area)) groups.set(area, { area, label: t(areaLabel(area)), items: [] });
      groups.get(area)?.items.push(item);
    };
    for (const p of pages) if (!p.unlisted && usable(p)) add(p.area, { to: p.path, label: t(p.label) });
    for (const r of resources.filter(inMenu)) add(r.area, { to: `/${r.name}`, label: t(r.singleton ? r.label : r.label_plural) });
    return [...groups.values()].sort((a, b) => areaOrder(a.area) - areaOrder(b.area));
  }, [resources, t]);
}

const item = {
  display: 'block',
  color: rail.text,
  textDecoration: 'none',
  fontSize: '0.875rem',
  lineHeight: 1.3,
  py: 0.875,
  pl: 2.25,
  pr: 1,
  borderLeft: '3px solid transparent',
  '&:hover': { backgroundColor: rail.active },
  '&.active, &[aria-current=page]': { backgroundColor: rail.active, borderLeftColor: rail.accent, fontWeight: 650 },
  '&:focus-visible': { outline: `2px solid ${rail.accent}`, outlineOffset: -2 },
} as const;

function Entry({ to, label, here }: Item & { here: boolean }) {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('md'));
  const [, setOpen] = useSidebarState();
  return (
    <Box component={Link} to={to} aria-current={here ? 'page' : undefined} sx={item} onClick={() => small && setOpen(false)}>
      {label}
    </Box>
  );
}

function Section({ group, here, open, onToggle }: { group: Group; here?: string; open: boolean; onToggle: () => void }) {
  return (
    <Box component="section">
      <ButtonBase
        onClick={onToggle}
        aria-expanded={open}
        sx={{ width: '100%', justifyContent: 'space-between', px: 1.5, py: 0.75, color: rail.muted, '&:focus-visible': { outline: `2px solid ${rail.accent}`, outlineOffset: -2 } }}
      >
        <Typography component="span" sx={{ fontSize: '0.75rem', fontWeight: 650, letterSpacing: '0.02em' }}>
          {group.label}
        </Typography>
        <ExpandMore fontSize="small" sx={{ transform: open ? 'none' : 'rotate(-90deg)' }} />
      </ButtonBase>
      {open && (
        <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, pb: 1 }}>
          {group.items.map((i) => (
            <li key={i.to}>
              <Entry {...i} here={i.to === here} />
            </li>
          ))}
        </Box>
      )}
    </Box>
  );
}

/** Everything the caller may see, by area; typing narrows it. */
export function Menu() {
  const t = useT();
  const groups = useGroups();
  const { pathname } = useLocation();
  const [closed, setClosed] = useStore<string[]>('menu.closed', ['administration']);
  const [text, setText] = useState('');
  const wanted = text.trim().toLocaleLowerCase();
  const shown = groups
    .map((g) => ({ ...g, items: g.items.filter((i) => i.label.toLocaleLowerCase().includes(wanted) || g.label.toLocaleLowerCase().includes(wanted)) }))
    .filter((g) => g.items.length);
  // The board of deals is not the list of deals, though its address goes on from there.
  const here = groups
    .flatMap((g) => g.items.map((i) => i.to))
    .filter((to) => pathname === to || pathname.startsWith(`${to}/`))
    .sort((a, b) => b.length - a.length)[0];
  const toggle = (area: string) => setClosed(closed.includes(area) ? closed.filter((a) => a !== area) : [...closed, area]);
  return (
    <Box component="nav" aria-label={t('Menu')} sx={{ width: 232, pb: 3 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 0.75, mx: 1.5, my: 1.5, px: 1, backgroundColor: rail.active, border: `1px solid ${rail.line}`, borderRadius: 1, '&:focus-within': { outline: `2px solid ${rail.accent}` } }}>
        <Search fontSize="small" sx={{ color: rail.muted }} />
        <InputBase value={text} onChange={(e) => setText(e.target.value)} placeholder={t('Find a page')} inputProps={{ 'aria-label': t('Find a page') }} sx={{ color: rail.text, fontSize: '0.875rem', flex: 1, '& ::placeholder': { color: rail.muted, opacity: 1 } }} />
      </Box>
      {!wanted && (
        <Box sx={{ mb: 1, '& a': { display: 'flex', alignItems: 'center', gap: 1 } }}>
          <Box component={NavLink} to="/" end sx={item}>
            <HomeIcon fontSize="small" /> {t('Home')}
          </Box>
        </Box>
      )}
      {shown.map((g) => (
        <Section key={g.area} group={g} here={here} open={!!wanted || g.items.some((i) => i.to === here) || !closed.includes(g.area)} onToggle={() => toggle(g.area)} />
      ))}
    </Box>
  );
}
