import { Alert, Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, Typography } from '@mui/material';
import { useEffect, useRef, useState } from 'react';
import { useT } from '../../i18n';
import { makeDetector } from './detector';

const EVERY_MS = 120;
/** The same code again only when it has been out of sight, or for so long. */
const AGAIN_MS = 1500;

type Props = { onCode: (code: string) => void; onClose: () => void; /** What became of the last code. */ said?: string | null };

function useCamera(onCode: (code: string) => void) {
  const video = useRef<HTMLVideoElement>(null);
  const handler = useRef(onCode);
  handler.current = onCode;
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let over = false;
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setTimeout>;
    const seen = { code: '', at: 0 };
    const take = (code: string) => {
      const now = performance.now();
      const again = code === seen.code && now - seen.at < AGAIN_MS;
      Object.assign(seen, { code, at: now });
      if (!again) handler.current(code);
    };
    const run = async () => {
      if (!('mediaDevices' in navigator)) return setProblem('insecure');
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } }, audio: false });
      const element = video.current;
      if (over || !element) return stream.getTracks().forEach((track) => track.stop());
      element.srcObject = stream;
      await element.play();
      const detector = await makeDetector();
      const look = async () => {
        if (over) return;
        const [first] = await detector.detect(element).catch(() => []);
        if (over) return;
        if (first?.rawValue) take(first.rawValue.trim());
        timer = setTimeout(() => void look(), EVERY_MS);
      };
      await look();
    };
    run().catch((error: Error) => !over && setProblem(error.name === 'NotAllowedError' ? 'denied' : error.name === 'NotFoundError' ? 'none' : error.message));
    return () => {
      over = true;
      clearTimeout(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  return { video, problem };
}

/** The camera looks for codes until the dialog is closed. */
export default function CameraDialog({ onCode, onClose, said }: Props) {
  const t = useT();
  const { video, problem } = useCamera(onCode);
  const told: Record<string, string> = {
    denied: t('The browser may not use the camera. Allow it in the browser’s settings of this page.'),
    insecure: t('The camera works only over HTTPS: the browser keeps it from pages that are not encrypted. A hand scanner and typing work here, too.'),
    none: t('This device has no camera.'),
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="camera-title">
      <DialogTitle id="camera-title">{t('Scan with the camera')}</DialogTitle>
      <DialogContent sx={{ pb: 1 }}>
        {problem ? (
          <Alert severity="error">{told[problem] ?? problem}</Alert>
        ) : (
          <Box sx={{ position: 'relative', backgroundColor: '#000', borderRadius: 1, overflow: 'hidden', aspectRatio: '4 / 3' }}>
            <video ref={video} muted playsInline aria-label={t('Picture of the camera')} style={{ width: '100%', height: '100%', objectFit: 'cover' }} />
            <Box aria-hidden sx={{ position: 'absolute', inset: '30% 10%', border: '2px solid #fff', borderRadius: 1, boxShadow: '0 0 0 999px rgb(0 0 0 / 35%)' }} />
          </Box>
        )}
        <Typography aria-live="polite" sx={{ mt: 1.5, minHeight: '1.5em', fontWeight: 600 }}>
          {said ?? (problem ? '' : t('Hold a bar code or QR code into the frame.'))}
        </Typography>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          {t('Done')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
