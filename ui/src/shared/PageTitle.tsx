import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { useLocation } from 'react-router-dom';

/** The head of every page: what it is, its state, and what can be done here. */
export function PageTitle({ title, chip, subtitle, actions }: { title: string; chip?: ReactNode; subtitle?: ReactNode; actions?: ReactNode }) {
  const { pathname } = useLocation();
  return (
    <Box data-path={pathname} sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1.5, mt: { xs: 1.5, sm: 2.5 }, mb: 1.5 }}>
      <title>{`${title} · Millwright`}</title>
      <Box sx={{ flex: '1 1 16rem', minWidth: 0 }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1.25 }}>
          <Typography variant="h1" sx={{ overflowWrap: 'anywhere' }}>
            {title}
          </Typography>
          {chip}
        </Box>
        {subtitle && (
          <Typography variant="body2" color="text.secondary" component="div" sx={{ mt: 0.25 }}>
            {subtitle}
          </Typography>
        )}
      </Box>
      {actions && <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>{actions}</Box>}
    </Box>
  );
}
