import { Alert, Box, Button, Paper, TextField, Typography } from '@mui/material';
import { useEffect, useState, type FormEvent } from 'react';
import { Notification, ToggleThemeButton, useLogin } from 'react-admin';
import { call } from '../api/http';
import { useT } from '../i18n';
import { LocaleMenu } from './LocaleMenu';

type Setup = { open: boolean; demo: boolean; demo_password?: string; demo_logins?: { username: string; role: string }[] };

/** What anybody may know before signing in: whether this is a demonstration, and whether there is a company yet. */
function useSetup(): Setup | null {
  const [setup, setSetup] = useState<Setup | null>(null);
  useEffect(() => {
    void call<Setup>('GET', '/setup').then(
      ({ json }) => setSetup(json),
      () => undefined,
    );
  }, []);
  return setup;
}

function Hint({ setup }: { setup: Setup }) {
  const t = useT();
  if (setup.open)
    return (
      <Alert severity="info" sx={{ mb: 1 }}>
        {t('There is no company here yet. Open the link that the program printed when it started.')}
      </Alert>
    );
  if (!setup.demo || !setup.demo_logins) return null;
  return (
    <Alert severity="info" icon={false} sx={{ mb: 1 }}>
      {t('This is a demonstration. Sign in as %{names}; the password is %{password}.', {
        names: setup.demo_logins.map((l) => l.username).join(', '),
        password: setup.demo_password,
      })}
    </Alert>
  );
}

/** Signing in. */
export function Login() {
  const t = useT();
  const login = useLogin();
  const setup = useSetup();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await login({ username: form.get('username'), password: form.get('password') });
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Box component="main" sx={{ minHeight: '100vh', display: 'grid', placeItems: 'center', backgroundColor: 'background.default', p: 2 }}>
      <Paper sx={{ width: '100%', maxWidth: 380, p: 3, border: 1, borderColor: 'divider' }}>
        <Typography variant="h1" sx={{ mb: 0.5 }}>
          Millwright
        </Typography>
        <Typography color="text.secondary" sx={{ mb: 2 }}>
          {t('Sign in to your organization.')}
        </Typography>
        {setup && <Hint setup={setup} />}
        {problem && (
          <Alert severity="error" role="alert" sx={{ mb: 1 }}>
            {problem}
          </Alert>
        )}
        <Box component="form" onSubmit={(e) => void submit(e as FormEvent<HTMLFormElement>)}>
          <TextField name="username" label={t('User name or e-mail')} autoComplete="username" required fullWidth autoFocus />
          <TextField name="password" label={t('Password')} type="password" autoComplete="current-password" required fullWidth />
          <Button type="submit" variant="contained" fullWidth disabled={busy} sx={{ mt: 2 }}>
            {t('Sign in')}
          </Button>
        </Box>
        <Box sx={{ display: 'flex', justifyContent: 'center', gap: 1, mt: 2 }}>
          <LocaleMenu />
          <ToggleThemeButton />
        </Box>
      </Paper>
      <Notification />
    </Box>
  );
}
