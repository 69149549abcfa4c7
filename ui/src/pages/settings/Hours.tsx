import { Box, Checkbox, FormControlLabel, TextField, Typography } from '@mui/material';
import { useFormContext, useFormState, useWatch } from 'react-hook-form';
import { useFormat, useT } from '../../shared';

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
type Day = { from: string; to: string } | null;
type Week = Record<string, Day | undefined>;
type Errors = Record<string, { message?: string; from?: { message?: string }; to?: { message?: string } } | undefined>;

/** The working week, a line for each day; a day that is not worked is null. */
export function Hours({ source, disabled }: { source: string; disabled: boolean }) {
  const t = useT();
  const { locale } = useFormat();
  const { setValue, clearErrors } = useFormContext();
  const week = (useWatch({ name: source }) ?? {}) as Week;
  const errors = (useFormState().errors[source] ?? {}) as Errors;
  const set = (day: string, to: Day) => {
    clearErrors(source); // the server's, of a field that is no input here: it would keep the form from being sent again
    setValue(source, { ...week, [day]: to }, { shouldDirty: true });
  };
  const name = (i: number) => new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + i)); // a Monday
  const time = (day: string, hours: Exclude<Day, null>, which: 'from' | 'to', label: string) => (
    <TextField
      type="time"
      value={hours[which]}
      disabled={disabled}
      onChange={(e) => set(day, { ...hours, [which]: e.target.value })}
      error={!!errors[day]?.[which]}
      helperText={errors[day]?.[which]?.message}
      slotProps={{ htmlInput: { 'aria-label': label } }}
      sx={{ my: 0.25, width: '8.5rem' }}
    />
  );
  return (
    <Box role="group" aria-label={t('Working hours')} sx={{ gridColumn: '1 / -1', display: 'grid', gridTemplateColumns: { xs: '1fr', sm: 'minmax(9rem, auto) 1fr' }, columnGap: 2, rowGap: 0.5, alignItems: 'center' }}>
      {DAYS.map((day, i) => {
        const hours = week[day];
        return (
          <Box key={day} sx={{ display: 'contents' }}>
            <FormControlLabel
              disabled={disabled}
              label={name(i)}
              control={<Checkbox size="small" checked={!!hours} onChange={(e) => set(day, e.target.checked ? { from: '09:00', to: '17:00' } : null)} slotProps={{ input: { 'aria-label': t('%{day}: is worked', { day: name(i) }) } }} />}
            />
            <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center', minHeight: 44 }}>
              {hours ? (
                <>
                  {time(day, hours, 'from', t('%{day}: from', { day: name(i) }))} – {time(day, hours, 'to', t('%{day}: to', { day: name(i) }))}
                </>
              ) : (
                <Typography color="text.secondary">{t('free')}</Typography>
              )}
              {errors[day]?.message && (
                <Typography color="error" variant="body2" role="alert">
                  {errors[day].message}
                </Typography>
              )}
            </Box>
          </Box>
        );
      })}
    </Box>
  );
}
