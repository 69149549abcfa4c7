import { Box, Button, Checkbox, Link, Paper, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useStore } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import { read } from '../../api/data';
import { useT } from '../../i18n';
import { may, useMeta } from '../../meta/store';

type Step = { id: string; resource: string; filter?: Record<string, unknown>; more?: number; label: string; help: string; to: string };

const STEPS: Step[] = [
  { id: 'company', resource: 'organizations', label: 'Complete the details of your company', help: 'Address and tax number appear on documents.', to: '/settings' },
  { id: 'people', resource: 'users', more: 1, label: 'Invite those you work with', help: 'Each with a role that says what they may see and do.', to: '/settings?tab=people' },
  { id: 'products', resource: 'products', label: 'Define what you buy, make and sell', help: 'One by one, or all of them from a CSV file.', to: '/products/create' },
  { id: 'customers', resource: 'customers', label: 'Bring your customers', help: 'A CSV file of any other program will do.', to: '/import?resource=customers' },
  { id: 'vendors', resource: 'vendors', label: 'Enter your vendors', help: 'Who you order from.', to: '/vendors/create' },
  { id: 'purchase', resource: 'purchase-orders', label: 'Order from a vendor', help: 'What you receive goes into stock.', to: '/purchase-orders/create' },
  { id: 'sell', resource: 'orders', filter: { order_type__in: ['sale', 'pos'] }, label: 'Take the first order, or sell at the counter', help: 'From then on this page shows your figures.', to: '/sales-orders/create' },
];

type Found = { items: Record<string, unknown>[]; total: number };

async function look(): Promise<Record<string, boolean>> {
  const known = STEPS.filter((s) => may(s.resource, 'list'));
  const found = await Promise.all(
    known.map(async (s) => {
      const { items, total } = await read<Found>(s.resource, '', { page_size: 1, ...s.filter });
      if (s.id === 'company') return !!items[0]?.['address'];
      if (s.id === 'people' && total <= 1 && may('invitations', 'list')) return (await read<Found>('invitations', '', { page_size: 1 })).total > 0;
      return total > (s.more ?? 0);
    }),
  );
  return Object.fromEntries(known.map((s, i) => [s.id, !!found[i]]));
}

/** What to do first, by what is really there; gone for good once all is done or it is put away. */
export function FirstSteps() {
  const t = useT();
  const { caller } = useMeta();
  const [gone, setGone] = useStore(`first-steps.${caller.organization.id}`, false);
  const wanted = !gone && caller.role === 'admin';
  const { data } = useQuery({ queryKey: ['first-steps'], queryFn: look, enabled: wanted, retry: false });
  if (!wanted || !data) return null;
  const steps = STEPS.filter((s) => s.id in data);
  const done = steps.filter((s) => data[s.id]).length;
  if (done === steps.length) return null;
  return (
    <Paper component="section" aria-labelledby="first-steps" sx={{ p: { xs: 1.5, sm: 2.5 }, mb: 2, border: 1, borderColor: 'divider', borderLeft: 4, borderLeftColor: 'primary.main' }}>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1, alignItems: 'flex-start' }}>
        <Typography variant="h2" id="first-steps">
          {t('What to do first')}
        </Typography>
        <Button size="small" onClick={() => setGone(true)}>
          {t('Put away')}
        </Button>
      </Box>
      <Typography variant="body2" color="text.secondary" sx={{ mb: 1 }}>
        {t('%{done} of %{all} done', { done, all: steps.length })}
      </Typography>
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gridTemplateColumns: { md: '1fr 1fr' }, columnGap: 3 }}>
        {steps.map((s) => (
          <Box component="li" key={s.id} sx={{ display: 'flex', gap: 1, py: 0.75, alignItems: 'flex-start' }}>
            <Checkbox size="small" checked={!!data[s.id]} disabled sx={{ p: 0, mt: 0.25, '&.Mui-disabled': { color: data[s.id] ? 'success.main' : 'text.secondary' } }} slotProps={{ input: { 'aria-label': t(s.label) } }} />
            <Box>
              {data[s.id] ? (
                <Typography sx={{ textDecoration: 'line-through' }} color="text.secondary">
                  {t(s.label)}
                </Typography>
              ) : (
                <Link component={RouterLink} to={s.to} sx={{ fontWeight: 600 }}>
                  {t(s.label)}
                </Link>
              )}
              {!data[s.id] && (
                <Typography variant="body2" color="text.secondary">
                  {t(s.help)}
                </Typography>
              )}
            </Box>
          </Box>
        ))}
      </Box>
    </Paper>
  );
}
