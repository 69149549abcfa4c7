import { Box, Paper, Typography, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { ToneIcon } from '../../shared/StatusChip';
import type { Tone } from '../../meta/types';
import { toneColours } from '../../theme';

type Props = { label: string; value: ReactNode; hint?: ReactNode; to?: string; tone?: Tone };

/** One number that leads to what it counts. */
export function Figure({ label, value, hint, to, tone }: Props) {
  const theme = useTheme();
  const colour = tone && tone !== 'neutral' ? toneColours(theme, tone).text : undefined;
  return (
    <Paper
      {...(to ? { component: Link, to } : {})}
      sx={{ display: 'block', p: { xs: 1.25, sm: 1.75 }, border: 1, borderColor: 'divider', color: 'text.primary', textDecoration: 'none', minWidth: 0, ...(to && { '&:hover': { borderColor: 'primary.main' } }) }}
    >
      <Typography variant="body2" component="span" color="text.secondary" sx={{ display: 'block' }}>
        {label}
      </Typography>
      <Typography component="span" sx={{ display: 'flex', alignItems: 'center', gap: 1, fontSize: { xs: '1rem', sm: '1.125rem' }, fontWeight: 650, lineHeight: 1.5, whiteSpace: 'nowrap', color: colour }}>
        {value}
        {tone && tone !== 'neutral' && <ToneIcon tone={tone} />}
      </Typography>
      {hint && (
        <Typography variant="body2" component="span" color="text.secondary" sx={{ display: 'block' }}>
          {hint}
        </Typography>
      )}
    </Paper>
  );
}

export const Figures = ({ children }: { children: ReactNode }) => (
  <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr 1fr', md: 'repeat(auto-fit, minmax(11rem, 1fr))' }, gap: { xs: 1, sm: 2 }, mb: 2 }}>{children}</Box>
);
