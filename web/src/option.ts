// An option of ECharts, as far as its types are of use to us.
export type Option = { [key: string]: unknown };
