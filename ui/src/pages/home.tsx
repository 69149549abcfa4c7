import { Box, Link, Paper, Typography } from '@mui/material';
import { Link as RouterLink } from 'react-router-dom';
import { useT } from '../i18n';
import { useMeta } from '../meta/store';
import { PageTitle } from '../shared/PageTitle';
import { AREAS, areaLabel } from '../shell/areas';

/** Where everything is. */
export default function Home() {
  const t = useT();
  const { caller, resources } = useMeta();
  const listed = resources.filter((r) => r.may.list && r.area !== 'administration');
  return (
    <>
      <PageTitle title={t('Welcome, %{name}', { name: caller.full_name || caller.username })} subtitle={caller.organization.name} />
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(16rem, 1fr))', gap: 2 }}>
        {AREAS.filter((area) => listed.some((r) => r.area === area)).map((area) => (
          <Paper key={area} component="section" sx={{ p: 2, border: 1, borderColor: 'divider' }}>
            <Typography variant="h2" sx={{ mb: 1 }}>
              {t(areaLabel(area))}
            </Typography>
            {listed
              .filter((r) => r.area === area)
              .map((r) => (
                <Box key={r.name} sx={{ py: 0.5 }}>
                  <Link component={RouterLink} to={`/${r.name}`}>
                    {t(r.label_plural)}
                  </Link>
                </Box>
              ))}
          </Paper>
        ))}
      </Box>
    </>
  );
}
