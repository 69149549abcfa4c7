import { Alert, Box, Button, TextField } from '@mui/material';
import { useState } from 'react';
import { useT } from '../../i18n';

/** A secret that is shown this once, to be copied. */
export function Once({ text, secret, label, onClose }: { text: string; secret: string; label: string; onClose: () => void }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard?.writeText(secret).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <Alert severity="success" role="alert" sx={{ my: 1, '& .MuiAlert-message': { width: '100%' } }}>
      {text}
      <TextField label={label} value={secret} fullWidth multiline slotProps={{ htmlInput: { readOnly: true, style: { fontFamily: 'monospace' } } }} onFocus={(e) => e.target.select()} sx={{ mt: 1.5 }} />
      <Box sx={{ display: 'flex', gap: 1, mt: 0.5 }}>
        {window.isSecureContext && (
          <Button size="small" onClick={() => void copy()}>
            {copied ? t('Copied') : t('Copy')}
          </Button>
        )}
        <Button size="small" onClick={onClose}>
          {t('I have kept it')}
        </Button>
      </Box>
    </Alert>
  );
}
