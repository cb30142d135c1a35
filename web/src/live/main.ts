// The live page. `echarts` of ../echarts holds the charts that are built in; add to it what is missing.
import { echarts } from '../echarts';

void echarts;
