import { Box, useTheme } from '@mui/material';
import { LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useFormat } from '../../shared';

use([LineChart, GridComponent, TooltipComponent, AriaComponent, SVGRenderer]);

export type Point = { at: string; balance: string | number };

/** The balance over time: it stays until the next posting. The table below it says the same. */
export default function BalanceChart({ points, label, unit }: { points: Point[]; label: string; unit: string }) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const f = useFormat();
  useEffect(() => {
    if (!box.current) return undefined;
    const chart: EChartsType = init(box.current, undefined, { renderer: 'svg' });
    const text = { color: theme.palette.text.secondary };
    const line = { lineStyle: { color: theme.palette.divider } };
    chart.setOption({
      animation: false,
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      tooltip: { trigger: 'axis', valueFormatter: (v: unknown) => `${f.quantity(v as number)} ${unit}` },
      xAxis: { type: 'time', axisLabel: { ...text, hideOverlap: true }, axisLine: line },
      yAxis: { type: 'value', axisLabel: { ...text, formatter: (v: number) => f.quantity(v) }, splitLine: line },
      series: [{ type: 'line', step: 'end', showSymbol: false, name: label, data: points.map((p) => [p.at, Number(p.balance)]), lineStyle: { color: theme.palette.primary.main, width: 2 }, areaStyle: { color: theme.palette.primary.main, opacity: 0.12 } }],
    });
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [points, label, unit, theme, f]);
  return <Box ref={box} role="img" aria-label={label} sx={{ height: 240, minWidth: 0 }} />;
}
