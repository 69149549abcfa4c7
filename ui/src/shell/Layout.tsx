import { Alert, ListItemIcon, MenuItem, Typography } from '@mui/material';
import Person from '@mui/icons-material/PersonOutline';
import type { ReactNode } from 'react';
import { AppBar, Layout as RaLayout, Logout, ToggleThemeButton, UserMenu, useUserMenu } from 'react-admin';
import { Link } from 'react-router-dom';
import { useT } from '../i18n';
import { LocaleMenu } from './LocaleMenu';
import { useMaybeMeta } from '../meta/store';
import { rail } from '../theme';
import { Menu } from './Menu';
import { Search } from './Search';

function ProfileItem() {
  const t = useT();
  const { onClose } = useUserMenu() ?? {};
  return (
    <MenuItem component={Link} to="/profile" onClick={onClose}>
      <ListItemIcon>
        <Person fontSize="small" />
      </ListItemIcon>
      {t('Profile')}
    </MenuItem>
  );
}

function Bar() {
  const caller = useMaybeMeta()?.caller;
  return (
    <AppBar
      toolbar={
        <>
          <Search />
          <LocaleMenu />
          <ToggleThemeButton />
        </>
      }
      userMenu={
        <UserMenu label={caller?.full_name ?? caller?.username}>
          <ProfileItem />
          <Logout />
        </UserMenu>
      }
    >
      <Typography component="p" noWrap sx={{ flex: 1, minWidth: 0, fontWeight: 650, color: 'inherit' }}>
        {caller?.organization.name ?? 'Millwright'}
      </Typography>
    </AppBar>
  );
}

function DemoNotice() {
  const t = useT();
  const meta = useMaybeMeta();
  if (!meta?.demo) return null;
  return (
    <Alert severity="info" icon={false} sx={{ borderRadius: 0, py: 0, fontSize: { xs: '0.75rem', sm: '0.875rem' }, mx: { xs: -1, sm: -3 }, mt: '1px' }}>
      {t('Demonstration: invented data, well-known passwords.')}
    </Alert>
  );
}

export const Layout = ({ children }: { children: ReactNode }) => (
  <RaLayout
    appBar={Bar}
    menu={Menu}
    sx={{
      minWidth: 0,
      '& .RaLayout-appFrame': { minWidth: 0 },
      '& .RaLayout-contentWithSidebar': { minWidth: 0 },
      '& .RaLayout-content': { backgroundColor: 'background.default', px: { xs: 1, sm: 3 }, pt: 0, pb: 4, minWidth: 0 },
      '& .RaSidebar-paper, & .RaSidebar-docked': { backgroundColor: rail.background },
      '& .RaSidebar-fixed': { backgroundColor: rail.background, overflowY: 'auto', height: 'calc(100vh - 48px)' },
    }}
  >
    <DemoNotice />
    {children}
  </RaLayout>
);
