// One colour and one marker a protocol, in every chart (Okabe and Ito's colours), and the two modes' inks.

export interface Look {
  colour: string;
  symbol: string;
}

const looks: { [protocol: string]: Look } = {
  sync: { colour: '#0072B2', symbol: 'circle' },
  async: { colour: '#D55E00', symbol: 'triangle' },
  partial_barrier: { colour: '#009E73', symbol: 'diamond' },
  coded: { colour: '#CC79A7', symbol: 'rect' },
  backup: { colour: '#E69F00', symbol: 'roundRect' },
  multi_message: { colour: '#882255', symbol: 'pin' },
  partial_coded: { colour: '#8C6D31', symbol: 'rect' },
  approximate: { colour: '#117733', symbol: 'triangle' },
  sequential: { colour: '#332288', symbol: 'diamond' },
};
const others: Look[] = [
  { colour: '#56B4E9', symbol: 'arrow' },
  { colour: '#666666', symbol: 'arrow' },
];

export const builtin_protocols = Object.keys(looks);

// `others_before`: how many protocols that are not built in come before this one in the document.
export function look_of(protocol: string, others_before = 0): Look {
  return looks[protocol] || others[Math.min(others_before, others.length - 1)];
}

export interface Inks {
  text: string;
  muted: string;
  faint: string;
  grid: string;
  surface: string;
  paper: string; // the numbers of the paper
  parts: Parts;
}

// What time is spent on, and what becomes of work, in colours that are no protocol's.
export interface Parts {
  compute: string;
  communication: string;
  queueing: string;
  startup: string;
  pause: string;
  idle: string;
  delay: string;
}

export const light: Inks = {
  text: '#1d2129', muted: '#5c6470', faint: '#9aa1ac', grid: '#e8eaee', surface: '#ffffff', paper: '#1d2129',
  parts: { compute: '#33507a', communication: '#7ba0c4', queueing: '#c3cad4', startup: '#8a94a3', pause: '#a8574e', idle: '#c9a66b', delay: '#7a6c9e' },
};
export const dark: Inks = {
  text: '#e6e8ec', muted: '#a0a7b4', faint: '#6b7280', grid: '#2a2f38', surface: '#171a20', paper: '#e6e8ec',
  parts: { compute: '#6e93c4', communication: '#a9c6e0', queueing: '#4a5361', startup: '#79849a', pause: '#c9776d', idle: '#d9bc86', delay: '#a295c6' },
};
