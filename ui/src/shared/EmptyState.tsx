import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';

/** What a page says when there is nothing yet: what would be here, and how to begin. */
export const EmptyState = ({ title, text, action }: { title: string; text?: string; action?: ReactNode }) => (
  <Box sx={{ py: { xs: 5, sm: 8 }, px: 2, textAlign: 'center' }}>
    <Typography variant="h2" component="p">
      {title}
    </Typography>
    {text && (
      <Typography color="text.secondary" sx={{ mt: 0.75, mx: 'auto', maxWidth: '34rem' }}>
        {text}
      </Typography>
    )}
    {action && <Box sx={{ mt: 2.5 }}>{action}</Box>}
  </Box>
);
