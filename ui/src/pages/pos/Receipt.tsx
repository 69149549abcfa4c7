import { Box, Button, GlobalStyles, Paper, Typography } from '@mui/material';
import Print from '@mui/icons-material/PrintOutlined';
import { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { Link } from 'react-router-dom';
import { callRaw } from '../../api/http';
import { Money, useT } from '../../shared';

export type Sale = {
  id: number;
  sale_number: string;
  status: string;
  sale_date: string;
  customer_name: string | null;
  payment_method: string;
  subtotal: string | number;
  total_amount: string | number;
  change_amount: string | number | null;
  refunded_amount: string | number;
  version: number;
  created_at: string;
  lines: { id: number; product_code: string; product_name: string; quantity: string | number; unit_price: string | number; amount: string | number; returned_quantity: string | number }[];
};

/** While something is printed, it alone is on the page. */
const printing = { '@media print': { 'body > *:not(.paper)': { display: 'none !important' }, '.paper': { display: 'block !important' }, '@page': { margin: '4mm' } } };

/** The text of a receipt as the server writes it; on paper nothing else. */
export function ReceiptText({ sale, copy, autoFocus }: { sale: number; copy?: boolean; autoFocus?: boolean }) {
  const t = useT();
  const [text, setText] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    callRaw('GET', `/sales/${sale}/receipt`, { query: copy ? { copy: true } : {} })
      .then((response) => response.text())
      .then(setText, (error: Error) => setProblem(error.message));
  }, [sale, copy]);
  if (problem) return <Typography color="error">{problem}</Typography>;
  const body = { fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace', fontSize: '0.8125rem', lineHeight: 1.45, m: 0 };
  return (
    <Box>
      <GlobalStyles styles={printing} />
      <Box tabIndex={0} role="region" aria-label={t('Receipt')} sx={{ overflowX: 'auto', border: 1, borderColor: 'divider', borderRadius: 1, p: 2, backgroundColor: '#fff', color: '#14181b' }}>
        <Box component="pre" sx={{ ...body, width: 'max-content', mx: 'auto', minHeight: '12em' }}>
          {text ?? ''}
        </Box>
      </Box>
      <Button startIcon={<Print />} disabled={!text} autoFocus={autoFocus} onClick={() => window.print()} sx={{ mt: 1 }}>
        {t('Print')}
      </Button>
      {createPortal(
        <Box component="pre" className="paper" sx={{ ...body, display: 'none', color: '#000' }}>
          {text}
        </Box>,
        document.body,
      )}
    </Box>
  );
}

/** What was sold: change first, then the receipt. */
export function Sold({ sale, onNext }: { sale: Sale; onNext: () => void }) {
  const t = useT();
  const next = useRef<HTMLButtonElement>(null);
  useEffect(() => next.current?.focus(), []);
  return (
    <Paper sx={{ p: { xs: 1.5, sm: 3 }, border: 1, borderColor: 'divider', width: '100%', maxWidth: 560, mx: 'auto' }}>
      <Box role="status">
        <Typography variant="h2">{t('Sold: %{number}', { number: sale.sale_number })}</Typography>
        <Box component="dl" sx={{ display: 'flex', gap: 5, my: 1.5, '& dt': { color: 'text.secondary' }, '& dd': { m: 0, fontSize: '1.75rem', fontWeight: 650 } }}>
          <div>
            <dt>{t('Total')}</dt>
            <dd>
              <Money value={sale.total_amount} />
            </dd>
          </div>
          {sale.change_amount !== null && (
            <div>
              <dt>{t('Change')}</dt>
              <dd>
                <Money value={sale.change_amount} />
              </dd>
            </div>
          )}
        </Box>
      </Box>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mb: 2 }}>
        <Button ref={next} variant="contained" size="large" onClick={onNext} sx={{ minHeight: 48 }}>
          {t('Next sale')}
        </Button>
        <Button component={Link} to={`/pos/refund?sale=${sale.id}`} size="large">
          {t('Take back')}
        </Button>
      </Box>
      <ReceiptText sale={sale.id} />
    </Paper>
  );
}
