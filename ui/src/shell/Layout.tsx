import { Alert } from '@mui/material';
import type { ReactNode } from 'react';
import { AppBar, Layout as RaLayout, LocalesMenuButton, Logout, TitlePortal, ToggleThemeButton, UserMenu } from 'react-admin';
import { useT } from '../i18n';
import { useMaybeMeta } from '../meta/store';
import { rail } from '../theme';
import { Menu } from './Menu';

const Bar = () => (
  <AppBar
    toolbar={
      <>
        <LocalesMenuButton />
        <ToggleThemeButton />
      </>
    }
    userMenu={
      <UserMenu>
        <Logout />
      </UserMenu>
    }
  >
    <TitlePortal />
  </AppBar>
);

function DemoNotice() {
  const t = useT();
  const meta = useMaybeMeta();
  if (!meta?.demo) return null;
  return (
    <Alert severity="info" icon={false} sx={{ borderRadius: 0, py: 0, mx: { xs: -1, sm: -3 }, mt: '1px' }}>
      {t('This is a demonstration: the data is invented, and the passwords are well known.')}
    </Alert>
  );
}

export const Layout = ({ children }: { children: ReactNode }) => (
  <RaLayout
    appBar={Bar}
    menu={Menu}
    sx={{
      '& .RaLayout-appFrame': { mt: '48px' },
      '& .RaLayout-content': { backgroundColor: 'background.default', px: { xs: 1, sm: 3 }, pt: 0, pb: 4, minWidth: 0 },
      '& .RaSidebar-paper, & .RaSidebar-docked': { backgroundColor: rail.background },
      '& .RaSidebar-fixed': { backgroundColor: rail.background, overflowY: 'auto', height: 'calc(100vh - 48px)' },
    }}
  >
    <DemoNotice />
    {children}
  </RaLayout>
);
