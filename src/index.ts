export { ERROR_CODES, type ErrorCode, type ErrorDetail, NexoError } from './errors.ts';
