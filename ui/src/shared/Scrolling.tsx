import { Box } from '@mui/material';
import type { ReactNode } from 'react';

type Props = { label: string; framed?: boolean; /** A region is a landmark: for what a page has once. */ role?: 'group' | 'region'; children: ReactNode };

/** What may be wider than the screen, usually a table: it is moved sideways by itself, also with the keyboard. */
export const Scrolling = ({ label, framed, role = 'group', children }: Props) => (
  <Box tabIndex={0} role={role} aria-label={label} sx={{ overflowX: 'auto', ...(framed && { border: 1, borderColor: 'divider', borderRadius: 1 }) }}>
    {children}
  </Box>
);
