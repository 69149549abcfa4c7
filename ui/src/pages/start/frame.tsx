import { Alert, Box, Button, Paper, TextField, Typography } from '@mui/material';
import { useState, type FormEvent, type ReactNode } from 'react';
import { LocalesMenuButton, ToggleThemeButton } from 'react-admin';
import { API, formPath, type Problem } from '../../api/http';
import { issueText } from '../../i18n/issues';
import { refusalText } from '../../i18n/refusals';

export type Asked = { name: string; label: string; help?: string; type?: string; required?: boolean; complete?: string; value?: string };

/** What is asked of somebody who is not signed in; what is wrong is told at its field. */
export function StartForm({ title, text, fields, button, path, extra, onDone, children }: { title: string; text: string; fields: Asked[]; button: string; path: string; extra: Record<string, unknown>; onDone: (values: Record<string, string>) => Promise<void>; children?: ReactNode }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const values = Object.fromEntries(fields.map((f) => [f.name, String(form.get(f.name) ?? '').trim()]).filter(([, v]) => v)) as Record<string, string>;
    setBusy(true);
    setProblem(null);
    setWrong({});
    try {
      const response = await fetch(API + path, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ...values, ...extra }) });
      if (response.ok) return await onDone(values);
      const body = (await response.json().catch(() => ({}))) as Problem;
      const errors = Object.fromEntries((body.errors ?? []).map((e) => [formPath(e.field), issueText(e)]));
      setWrong(errors);
      if (!Object.keys(errors).some((n) => fields.some((f) => f.name === n))) setProblem(refusalText(body.detail ?? body.title ?? `${response.status}`, body.title));
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
    return undefined;
  };
  return (
    <Box component="main" sx={{ minHeight: '100vh', display: 'grid', placeItems: 'center', backgroundColor: 'background.default', p: 2 }}>
      <Paper sx={{ width: '100%', maxWidth: 460, p: { xs: 2, sm: 3 }, border: 1, borderColor: 'divider' }}>
        <Typography variant="h1" sx={{ mb: 0.5 }}>
          {title}
        </Typography>
        <Typography color="text.secondary" sx={{ mb: 1.5 }}>
          {text}
        </Typography>
        {problem && (
          <Alert severity="error" role="alert" sx={{ mb: 1 }}>
            {problem}
          </Alert>
        )}
        {children}
        <Box component="form" noValidate onSubmit={(e) => void submit(e as FormEvent<HTMLFormElement>)}>
          {fields.map((f, i) => (
            <TextField key={f.name} name={f.name} label={f.label} type={f.type ?? 'text'} required={f.required} autoComplete={f.complete} defaultValue={f.value} autoFocus={i === 0} fullWidth error={!!wrong[f.name]} helperText={wrong[f.name] ?? f.help} />
          ))}
          <Button type="submit" variant="contained" fullWidth disabled={busy} sx={{ mt: 2 }}>
            {button}
          </Button>
        </Box>
        <Box sx={{ display: 'flex', justifyContent: 'center', gap: 1, mt: 2 }}>
          <LocalesMenuButton />
          <ToggleThemeButton />
        </Box>
      </Paper>
    </Box>
  );
}
