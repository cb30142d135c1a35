// Numbers as people read them.

const minus = '\u2212';
const superscripts = '\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079';

function trimmed(value: number, digits: number): string {
  const text = value.toPrecision(digits);
  return text.indexOf('e') >= 0 ? text : text;
}

// Three significant digits, with thousands apart: 0.0123, 4.56, 12,345.
export function short(value: number): string {
  if (!isFinite(value)) return '\u2013';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1000) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',').replace('-', minus);
  if (size < 1e-3) return value.toExponential(1).replace('-', minus);
  return trimmed(value, 3).replace('-', minus);
}

export function integer(value: number): string {
  if (!isFinite(value)) return '\u2013';
  return value % 1 === 0 ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : short(value);
}

export function seconds(value: number): string {
  if (!isFinite(value)) return '\u2013';
  const size = Math.abs(value);
  if (size === 0) return '0 s';
  if (size < 1e-3) return trimmed(value * 1e6, 3) + ' \u00b5s';
  if (size < 1) return trimmed(value * 1e3, 3) + ' ms';
  if (size < 1000) return trimmed(value, 3) + ' s';
  return integer(Math.round(value)) + ' s';
}

export function bytes(value: number): string {
  if (!isFinite(value)) return '\u2013';
  let size = value;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (size < 999.5) return (unit === 'B' ? String(Math.round(size)) : trimmed(size, 3)) + ' ' + unit;
    size /= 1000;
  }
  return trimmed(size, 3) + ' TB';
}

export function dollars(value: number): string {
  if (!isFinite(value)) return '\u2013';
  if (value === 0) return '$0';
  return '$' + (value < 1e-4 ? power(value) : value < 1000 ? trimmed(value, 3) : integer(Math.round(value)));
}

export function percent(share: number): string {
  if (!isFinite(share)) return '\u2013';
  return trimmed(share * 100, share >= 0.1 ? 3 : 2) + ' %';
}

// A power of ten as it is set: 10 with its exponent raised; others with a factor.
export function power(value: number): string {
  if (!(value > 0) || !isFinite(value)) return String(value);
  let exponent = Math.floor(Math.log(value) / Math.LN10 + 1e-9);
  let factor = Math.round((value / Math.pow(10, exponent)) * 10) / 10;
  if (factor >= 10) {
    factor /= 10;
    exponent += 1;
  }
  if (exponent >= -2 && exponent <= 3) return String(Number(value.toPrecision(3)));
  const raised = String(exponent).replace('-', '\u207b').replace(/\d/g, (d) => superscripts.charAt(Number(d)));
  return (factor === 1 ? '' : factor + '\u00d7') + '10' + raised;
}
