import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useTheme } from '@mui/material';
import { useEffect, useRef } from 'react';
import type { ChartProps } from './Chart';

echarts.use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

/** Told apart by lightness as well as by hue; patterns come on top where there are several. */
const COLOURS = { light: ['#0b5563', '#e0963a', '#7a6bb0', '#5b8c3e'], dark: ['#6cc5d4', '#f0b36a', '#b9aee6', '#a5d388'] };

/** The drawing of a Chart; loaded when there is one to show. */
export default function ChartCanvas({ kind, labels, series, format, short, onPick, stacked, sideways, height = 240 }: ChartProps & { height?: number }) {
  const box = useRef<HTMLDivElement>(null);
  const { palette, typography } = useTheme();
  const fontFamily = typography.fontFamily; // by name: ECharts measures texts itself
  const picked = useRef(onPick);
  picked.current = onPick;
  const clickable = !!onPick;
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const chart = echarts.init(element, null, { renderer: 'svg' });
    chart.on('click', (event) => typeof event.dataIndex === 'number' && picked.current?.(event.dataIndex, event.seriesIndex ?? 0));
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(element);
    const text = { color: palette.text.secondary, fontFamily, fontSize: 12 };
    const names = { type: 'category' as const, data: labels, axisLabel: { ...text, width: sideways ? 110 : undefined, overflow: 'truncate' as const, hideOverlap: true }, axisTick: { show: false }, axisLine: { lineStyle: { color: palette.divider } }, inverse: !!sideways };
    const values = { type: 'value' as const, minInterval: short ? undefined : 1, splitNumber: 4, axisLabel: { ...text, formatter: (v: number) => (short ?? format)(v), hideOverlap: true }, splitLine: { lineStyle: { color: palette.divider } } };
    chart.setOption({
      animation: false,
      color: COLOURS[palette.mode],
      aria: { enabled: false, decal: { show: series.length > 1 } },
      grid: { left: 8, right: 16, top: series.length > 1 ? 34 : 12, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      legend: series.length > 1 ? { top: 0, left: 0, textStyle: { color: palette.text.primary, fontFamily }, itemWidth: 16, itemHeight: 12 } : undefined,
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, confine: true, valueFormatter: (v: unknown) => format(v as number), backgroundColor: palette.background.paper, borderColor: palette.divider, textStyle: { color: palette.text.primary, fontFamily, fontSize: 13 } },
      xAxis: sideways ? values : names,
      yAxis: sideways ? names : values,
      series: series.map((s) => ({ type: kind, name: s.name, data: s.values.map(Number), stack: stacked ? 'all' : undefined, barMaxWidth: 34, cursor: clickable ? 'pointer' : 'default', emphasis: { focus: 'none' as const } })),
    });
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [kind, labels, series, format, short, stacked, sideways, palette, fontFamily, clickable]);
  return <div ref={box} style={{ height, width: '100%' }} aria-hidden="true" />;
}
