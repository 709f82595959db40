export { optional } from './optional.ts';
