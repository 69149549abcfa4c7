// Prints tables: an array of rows, each an array of cells; the first column reads from the left.

const digits = (value, places = 0) => value.toLocaleString('en-US',
    { minimumFractionDigits: places, maximumFractionDigits: places })

export const rate = (value) => digits(value, value < 100 ? 1 : 0)
export const milliseconds = (value) => digits(value, value < 10 ? 2 : value < 100 ? 1 : 0)
export const megabytes = (value) => digits(value)
export const times = (value) => `${digits(value, value < 10 ? 2 : value < 100 ? 1 : 0)} x`

// The five columns of one server's measurement; '' where there is none.
export const SERVER_COLUMNS = ['req/s', 'p50 ms', 'p99 ms', 'CPU', 'MiB']
export const measured = (it) => it
    ? [rate(it.rate), milliseconds(it.p50), milliseconds(it.p99), it.cpu.map((part) => digits(part, 2)).join('+'),
        megabytes(it.memory)]
    : SERVER_COLUMNS.map(() => '')

export function table(header, rows) {
    const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => String(row[i] ?? '').length)))
    const cell = (text, i) => i ? String(text ?? '').padStart(widths[i]) : String(text).padEnd(widths[i])
    const line = (row) => widths.map((_, i) => cell(row[i], i)).join('  ').trimEnd()
    return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}
