import { createTheme, type PaletteMode, type Theme } from '@mui/material/styles';
import type { Tone } from './meta/types';

/** Graphite and petrol, lines instead of shadows, system fonts. Contrasts are at least 4.5 to 1. */
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';

const palettes = {
  light: {
    mode: 'light' as PaletteMode,
    primary: { main: '#0b5563', dark: '#073d48', light: '#2f7b89', contrastText: '#ffffff' },
    secondary: { main: '#8a4b08', contrastText: '#ffffff' },
    background: { default: '#f3f4f5', paper: '#ffffff' },
    text: { primary: '#14181b', secondary: '#4a545b' },
    divider: '#d5dade',
    error: { main: '#b3261e' },
    warning: { main: '#8a4b08' },
    success: { main: '#1b6b3a' },
    info: { main: '#0a5a96' },
  },
  dark: {
    mode: 'dark' as PaletteMode,
    primary: { main: '#6cc5d4', dark: '#3f9fb0', light: '#9bdbe6', contrastText: '#06262c' },
    secondary: { main: '#f0b36a', contrastText: '#2b1700' },
    background: { default: '#111517', paper: '#191f22' },
    text: { primary: '#eef2f4', secondary: '#b0bbc1' },
    divider: '#343d42',
    error: { main: '#ff9a8f' },
    warning: { main: '#f3bd74' },
    success: { main: '#7fd39b' },
    info: { main: '#86c2f5' },
  },
};

type Colours = { text: string; fill: string; line: string };
const tones: Record<PaletteMode, Record<Tone, Colours>> = {
  light: {
    neutral: { text: '#3d474d', fill: '#eceff1', line: '#b9c2c8' },
    info: { text: '#0a4f86', fill: '#e3f0fb', line: '#94c1e6' },
    warning: { text: '#7a4000', fill: '#fdf0dc', line: '#e0b374' },
    success: { text: '#14572f', fill: '#e2f4e8', line: '#8cc9a2' },
    danger: { text: '#97190f', fill: '#fde8e6', line: '#e9a39d' },
  },
  dark: {
    neutral: { text: '#c9d2d7', fill: '#283035', line: '#4b565d' },
    info: { text: '#a9d4fa', fill: '#14293b', line: '#2f5a80' },
    warning: { text: '#f6cb8f', fill: '#352408', line: '#7a5520' },
    success: { text: '#9fe0b5', fill: '#10291a', line: '#2f6b45' },
    danger: { text: '#ffb4ab', fill: '#3a1512', line: '#8a3a33' },
  },
};

export const toneColours = (theme: Theme, tone: Tone): Colours => tones[theme.palette.mode][tone];

/** The bar at the side is dark in both themes. */
export const rail = { background: '#1b2327', text: '#e6ecef', muted: '#a7b4bb', active: '#2a363c', line: '#2f3b41', accent: '#6cc5d4' };

function make(mode: 'light' | 'dark') {
  const palette = palettes[mode];
  const line = `1px solid ${palette.divider}`;
  return createTheme({
    palette,
    shape: { borderRadius: 4 },
    typography: {
      fontFamily: FONT,
      fontSize: 14,
      h1: { fontSize: '1.5rem', fontWeight: 650, letterSpacing: '-0.01em' },
      h2: { fontSize: '1.125rem', fontWeight: 650 },
      h3: { fontSize: '1rem', fontWeight: 650 },
      h6: { fontWeight: 650 },
      button: { textTransform: 'none', fontWeight: 600 },
      body2: { fontSize: '0.875rem' },
    },
    components: {
      MuiCssBaseline: {
        styleOverrides: {
          body: { fontVariantNumeric: 'tabular-nums lining-nums' },
          ':focus-visible': { outline: `2px solid ${palette.primary.main}`, outlineOffset: 2 },
        },
      },
      MuiTableSortLabel: { styleOverrides: { root: { minHeight: 24 } } },
      MuiFormHelperText: { styleOverrides: { root: { '&.Mui-disabled': { color: palette.text.secondary } } } },
      MuiToggleButton: { styleOverrides: { root: { color: palette.text.secondary, '&.Mui-selected': { color: palette.text.primary } } } },
      MuiPaper: { defaultProps: { elevation: 0 }, styleOverrides: { root: { backgroundImage: 'none' }, elevation1: { border: line, boxShadow: 'none' } } },
      MuiCard: { styleOverrides: { root: { border: line, boxShadow: 'none' } } },
      MuiAppBar: { defaultProps: { elevation: 0, color: 'default' }, styleOverrides: { root: { backgroundColor: palette.background.paper, color: palette.text.primary, borderBottom: line } } },
      MuiButton: { defaultProps: { disableElevation: true } },
      MuiButtonBase: { defaultProps: { disableRipple: true } },
      MuiTextField: { defaultProps: { size: 'small', variant: 'outlined', margin: 'dense' } },
      MuiFormControl: { defaultProps: { size: 'small', variant: 'outlined', margin: 'dense' } },
      MuiAutocomplete: { defaultProps: { size: 'small' } },
      MuiTableCell: {
        styleOverrides: {
          root: { borderBottom: line, padding: '8px 12px' },
          head: { fontWeight: 650, color: palette.text.secondary, fontSize: '0.8125rem', whiteSpace: 'nowrap', backgroundColor: palette.background.paper },
          sizeSmall: { padding: '6px 12px' },
        },
      },
      MuiTab: { styleOverrides: { root: { textTransform: 'none', fontWeight: 600, minHeight: 44 } } },
      MuiTooltip: { defaultProps: { enterDelay: 400 } },
      MuiLink: { defaultProps: { underline: 'hover' } },
    },
  });
}

export const lightTheme = make('light');
export const darkTheme = make('dark');
