import { useCallback, type KeyboardEvent } from 'react';
import type { Lines } from '../../meta/types';

/** Which fields of a resource's lines are the grid's cells; orders of each kind call them differently. */
export type Columns = { code: string; name: string };
export const CELLS = ['code', 'name', 'quantity', 'price'] as const;
export type Cell = (typeof CELLS)[number];

export function columnsOf(lines: Lines): Columns {
  const named = (end: RegExp) => lines.fields.find((f) => f.create && end.test(f.name))?.name;
  return { code: named(/(_code|sku)$/) ?? 'code', name: named(/_name$/) ?? 'name' };
}

export const isEmptyLine = (line: Record<string, unknown> | undefined) => !line || Object.entries(line).every(([k, v]) => k === 'key' || v === undefined || v === null || v === '');

export function focusCell(grid: HTMLElement | null, row: number, cell: Cell) {
  const focus = () => {
    const input = grid?.querySelector<HTMLInputElement>(`[data-row="${row}"] [data-cell="${cell}"]`);
    input?.focus();
    input?.select();
    return !!input;
  };
  // The row may be just being made.
  if (!focus()) requestAnimationFrame(focus);
}

type Moves = { rows: number; append: () => void; remove: (row: number) => void; grid: () => HTMLElement | null };

/**
 * The keys of a grid: Enter goes on, and behind the last cell to the next line,
 * which it makes; up and down change lines; Ctrl+Delete takes a line out.
 */
export function useGridKeys({ rows, append, remove, grid }: Moves) {
  return useCallback(
    (e: KeyboardEvent<HTMLElement>) => {
      const input = e.target as HTMLElement;
      const cell = input.dataset['cell'] as Cell | undefined;
      const row = Number(input.closest<HTMLElement>('[data-row]')?.dataset['row']);
      if (!cell || Number.isNaN(row)) return;
      const searching = input.getAttribute('aria-expanded') === 'true';
      const go = (to: number, at: Cell) => {
        e.preventDefault();
        if (to === rows) append();
        if (to >= 0) focusCell(grid(), to, at);
      };
      if (e.key === 'Delete' && e.ctrlKey) {
        e.preventDefault();
        remove(row);
        // Once it is gone: a field that is left writes its value, and would bring the line back.
        setTimeout(() => focusCell(grid(), Math.max(0, Math.min(row, rows - 2)), cell));
      } else if (e.key === 'Enter' && cell !== 'code') {
        const next = CELLS[CELLS.indexOf(cell) + 1];
        if (next) go(row, next);
        else go(row + 1, 'code');
      } else if (e.key === 'ArrowDown' && !searching && row + 1 < rows && (cell !== 'code' || e.altKey)) go(row + 1, cell);
      else if (e.key === 'ArrowUp' && !searching && row > 0 && (cell !== 'code' || e.altKey)) go(row - 1, cell);
    },
    [rows, append, remove, grid],
  );
}
