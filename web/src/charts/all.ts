// All charts, in the order of the page.
import { Chart } from './chart';
import { convergence } from './convergence';
import { cold_start, efficiency, histograms256, histograms64, idle_compute, residuals, responsiveness, speedup, task_times } from './paper';
import { age, cost_time, performance, sensitivity, severity, staleness, time_spent, wasted } from './protocols';

export const convergence_charts: Chart[] = [convergence];
export const paper_charts: Chart[] = [residuals, speedup, efficiency, idle_compute, histograms64, histograms256, cold_start, responsiveness];
export const protocol_charts: Chart[] = [severity, cost_time, performance, sensitivity, staleness, age, wasted, time_spent, task_times];
export const all_charts: Chart[] = convergence_charts.concat(paper_charts, protocol_charts);
